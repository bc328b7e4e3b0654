package tensorio

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const suffix = ".npy"

// maxFile is the largest .npy file: the largest array with its header.
const maxFile = 4*maxElements + maxHeader

// WriteNpz writes arrays as an .npz archive, which numpy.load opens without pickle;
// a["enc/conv1/kernel"] is a key. Equal arrays give equal bytes.
func WriteNpz(w io.Writer, arrays []Array) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		// Stored, as numpy.savez does: weights hardly compress.
		f, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + suffix, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		if err := WriteNpy(f, a.Dense); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return z.Close()
}

// ReadNpz reads an .npz archive, stored or compressed; name is the file's, for errors.
func ReadNpz(b []byte, name string) ([]Array, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("%s: not an .npz archive: %w", name, err)
	}
	var arrays []Array
	for _, f := range z.File {
		member := name + "[" + f.Name + "]"
		array, ok := strings.CutSuffix(f.Name, suffix)
		if !ok {
			return nil, fmt.Errorf("%s: not an .npy file: an .npz archive holds nothing else", member)
		}
		content, err := readMember(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", member, err)
		}
		t, err := ReadNpy(content, member)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, Array{array, t})
	}
	if len(arrays) == 0 {
		return nil, fmt.Errorf("%s: %w", name, errEmpty)
	}
	return arrays, nil
}

// readMember unpacks a member, whatever size its header claims.
func readMember(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("truncated")
	}
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("it unpacks to more than %d bytes", maxFile)
	}
	return b, err
}

// fileName is an array's file in a folder: slashes become dots.
func fileName(array string) string { return strings.ReplaceAll(array, "/", ".") + suffix }

// EncodeFolder returns a file name and an .npy file for each array.
func EncodeFolder(arrays []Array) (names []string, contents [][]byte, err error) {
	for _, a := range arrays {
		var b bytes.Buffer
		if err := WriteNpy(&b, a.Dense); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		names, contents = append(names, fileName(a.Name)), append(contents, b.Bytes())
	}
	return names, contents, nil
}

// ReadFolder reads the .npy files of a folder.
func ReadFolder(dir string) ([]Array, error) {
	entries, err := os.ReadDir(dir) // in order of name
	if err != nil {
		return nil, err
	}
	var arrays []Array
	for _, e := range entries {
		array, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() || info.Size() > maxFile {
			return nil, fmt.Errorf("%s: not a file of at most %d bytes", path, maxFile)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		t, err := ReadNpy(b, path)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, Array{strings.ReplaceAll(array, ".", "/"), t})
	}
	if len(arrays) == 0 {
		return nil, fmt.Errorf("%s: %w", dir, errEmpty)
	}
	return arrays, nil
}
