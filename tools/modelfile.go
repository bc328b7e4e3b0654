package main

import (
	"fmt"
	"os"
	"path/filepath"

	"vaelab/core"
)

// pretrained is the model that commands use where none is named, below the
// module's root.
var pretrained = filepath.Join("site", "public", "weights", "mnist-2d.safetensors")

// modelFlags choose a model file.
type modelFlags struct {
	Model string `placeholder:"FILE" help:"Model to use, a .safetensors file (default: the pretrained weights of this repository)."`
}

// load reads the model; path is the file that it came from.
func (f modelFlags) load() (m *core.Model, metadata map[string]string, path string, err error) {
	path = f.Model
	if path == "" {
		root, err := moduleRoot()
		if err != nil {
			return nil, nil, "", fmt.Errorf("no model: %w; name one by --model FILE", err)
		}
		path = filepath.Join(root, pretrained)
		if _, err := os.Stat(path); err != nil {
			return nil, nil, "", fmt.Errorf("no model: %s does not exist; name one by --model FILE, or make one with pretrain", pretrained)
		}
	}
	b, err := readFile(path)
	if err != nil {
		return nil, nil, path, err
	}
	m, metadata, err = core.LoadModel(b)
	if err != nil {
		return nil, nil, path, fmt.Errorf("%s: %w", path, err)
	}
	return m, metadata, path, nil
}

// maxModelFile is far above the largest architecture's size with optimiser
// state: what is larger was named by mistake.
const maxModelFile = 4 << 30

// readFile reads a whole file of at most maxModelFile bytes.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plainReason(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is not a file", path)
	}
	if info.Size() > maxModelFile {
		return nil, fmt.Errorf("%s: %d bytes are too many for a model", path, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, plainReason(err))
	}
	return b, nil
}
