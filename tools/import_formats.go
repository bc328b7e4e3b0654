package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"vaelab/core"
	"vaelab/core/weights"
	"vaelab/tools/internal/keras"
	"vaelab/tools/internal/keras/h5"
	"vaelab/tools/internal/onnx"
	"vaelab/tools/internal/tensorio"
	"vaelab/tools/internal/torch"
)

// imported is a model and what its file says of itself.
type imported struct {
	model    *core.Model
	format   string
	metadata map[string]string
	notes    []string // what was assumed where the file leaves something open
}

// recognise reads files by their content; names are for messages only.
func recognise(names []string, contents [][]byte) (imported, error) {
	if len(contents) > 1 {
		return importONNX(names, contents)
	}
	name, b := names[0], contents[0]
	in, err := recogniseOne(name, b)
	if err != nil && !strings.HasPrefix(err.Error(), name) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return in, err
}

func recogniseOne(name string, b []byte) (in imported, err error) {
	has := func(prefix string) bool { return bytes.HasPrefix(b, []byte(prefix)) }
	switch {
	case len(b) == 0:
		return in, errors.New("the file is empty")
	case has(h5.Signature), len(b) > 520 && string(b[512:520]) == h5.Signature:
		in.format = "Keras weights (HDF5)"
		in.model, in.notes, err = keras.Read(b)
		return in, err
	case has("PK\x03\x04"), has("PK\x05\x06"):
		return importZip(name, b)
	case has("\x93NUMPY"):
		return in, errors.New("an .npy file is a single array, a model has 20: put them into an .npz, or name their folder to \"tools npy import\"")
	case has("\x1f\x8b"):
		return in, errors.New("the file is compressed by gzip: unpack it first")
	case len(b) > 1 && b[0] == 0x80 && b[1] >= 2 && b[1] <= 5:
		return in, errors.New(pickleRefused)
	case looksSafetensors(b):
		return importSafetensors(b)
	case onnx.Looks(b):
		return importONNX([]string{name}, [][]byte{b})
	}
	return in, errors.New("the format is unknown: want Keras (.weights.h5, .keras, .h5), a PyTorch state dict as safetensors, ONNX, .npz, or this program's safetensors")
}

// pickleRefused tells a user of torch.save what to do instead.
const pickleRefused = "it is a Python pickle, as torch.save writes, which runs code when it is read: save the weights by safetensors.torch.save_file(model.state_dict(), \"weights.safetensors\")"

// looksSafetensors: a header's length that the file has room for, and a brace.
func looksSafetensors(b []byte) bool {
	return len(b) > 9 && b[8] == '{' && binary.LittleEndian.Uint64(b) <= uint64(len(b)-8)
}

func importSafetensors(b []byte) (in imported, err error) {
	const name = "safetensors"
	f, err := weights.Decode(b, name)
	if err != nil {
		return in, err
	}
	in.metadata = f.Metadata
	if torch.Recognises(f) {
		in.format = "a PyTorch state dict"
		in.model, err = torch.Read(f)
		return in, err
	}
	in.format = "VAE Lab weights"
	in.model, in.metadata, err = core.LoadModel(b)
	return in, err
}

// importONNX reads the whole VAE, or an encoder and a decoder.
func importONNX(names []string, contents [][]byte) (in imported, err error) {
	in.format = "ONNX"
	var files []*onnx.File
	for i, b := range contents {
		if !onnx.Looks(b) {
			return in, fmt.Errorf("%s: not an ONNX file: only an encoder and a decoder in ONNX are read together", names[i])
		}
		f, err := onnx.Read(b)
		if err != nil {
			return in, fmt.Errorf("%s: %w", names[i], err)
		}
		files = append(files, f)
	}
	in.metadata = files[0].Metadata
	if in.model, err = onnx.Assemble(files...); err != nil {
		return in, fmt.Errorf("%s: %w", names[0], err)
	}
	return in, nil
}

// Limits of what an archive may unpack to. Weights are random bits, which do not
// shrink; only an array of equal values does.
const (
	maxArchive = maxModelFile
	maxRatio   = 50
)

// importZip tells a .keras from an .npz and both from PyTorch's archive of a pickle.
func importZip(name string, b []byte) (in imported, err error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return in, fmt.Errorf("a zip archive that is damaged or cut off: %w", err)
	}
	total := uint64(0)
	npz := len(z.File) > 0
	for _, f := range z.File {
		switch {
		case strings.HasSuffix(f.Name, "/data.pkl") || f.Name == "data.pkl":
			return in, errors.New(pickleRefused)
		case !strings.HasSuffix(f.Name, ".npy"):
			npz = false
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > maxArchive || total > maxArchive || total > maxRatio*uint64(len(b))+1<<20 {
			return in, fmt.Errorf("%q would unpack this archive of %s bytes to %d: no model does, so it is refused", f.Name, thousands(len(b)), total)
		}
	}
	switch {
	case keras.IsArchive(z):
		in.format = "a .keras archive"
		in.model, in.notes, err = keras.ReadArchive(b)
	case npz:
		in.format = "NumPy arrays (.npz)"
		var arrays []tensorio.Array
		if arrays, err = tensorio.ReadNpz(b, name); err == nil {
			in.model, err = tensorio.ToModel(arrays)
		}
	default:
		err = errors.New("a zip archive of something else: want a .keras file of Keras 3 (with model.weights.h5 in it) or an .npz (with .npy files only)")
	}
	return in, err
}
