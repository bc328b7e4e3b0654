package keras

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"vaelab/core"
)

// Names of the files in a .keras archive.
const (
	weightsMember = "model.weights.h5"
	configMember  = "config.json"
)

// Limits of what is unpacked. Weights are random bits and are stored as they are; only an
// optimiser's zeros shrink, and no model with its optimiser is larger than maxUnpacked.
const (
	maxUnpacked = 4 << 30
	maxRatio    = 50
	maxConfig   = 16 << 20
)

// IsArchive reports whether a zip archive is a .keras file.
func IsArchive(z *zip.Reader) bool {
	for _, f := range z.File {
		if f.Name == weightsMember {
			return true
		}
	}
	return false
}

// ReadArchive makes a model of a .keras file.
func ReadArchive(b []byte) (*core.Model, []string, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, nil, fmt.Errorf("not a .keras archive: %w", err)
	}
	members := map[string]*zip.File{}
	for _, f := range z.File {
		if members[f.Name] != nil {
			return nil, nil, fmt.Errorf("the archive has two files called %q", f.Name)
		}
		members[f.Name] = f
	}
	if f := members[configMember]; f != nil {
		config, err := unpack(f, maxConfig)
		if err != nil {
			return nil, nil, err
		}
		if err := checkConfig(config); err != nil {
			return nil, nil, err
		}
	}
	f := members[weightsMember]
	if f == nil {
		return nil, nil, fmt.Errorf("%s is missing in the archive: want a .keras file of Keras 3", weightsMember)
	}
	weights, err := unpack(f, maxUnpacked)
	if err != nil {
		return nil, nil, err
	}
	m, notes, err := Read(weights)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", weightsMember, err)
	}
	return m, notes, nil
}

// unpack reads a member, and no byte more than it says that it has.
func unpack(f *zip.File, limit uint64) ([]byte, error) {
	size := f.UncompressedSize64
	if size > limit || f.CompressedSize64 > limit || size > maxRatio*f.CompressedSize64+1<<20 {
		return nil, fmt.Errorf("%s would unpack from %d to %d bytes: no weights file does, so it is refused", f.Name, f.CompressedSize64, size)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err == nil && uint64(len(b)) != size {
		err = fmt.Errorf("unpacks to more than the %d bytes that it says", size)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("truncated")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return b, nil
}
