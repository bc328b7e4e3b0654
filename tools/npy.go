package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vaelab/core"
	"vaelab/tools/internal/atomicfile"
	"vaelab/tools/internal/tensorio"
)

// NpyCmd carries models to and from NumPy.
type NpyCmd struct {
	Export NpyExportCmd `cmd:"" help:"Write a model's arrays, in Keras' layouts, as .npz or as a folder of .npy files."`
	Import NpyImportCmd `cmd:"" help:"Make a .safetensors model of such arrays."`
}

// NpyExportCmd writes a model's arrays.
type NpyExportCmd struct {
	modelFlags
	Out   string `required:"" placeholder:"FILE.npz|DIR" help:"An .npz archive, or else a folder for one .npy file an array."`
	Force bool   `help:"Overwrite an archive, or files in a folder, that exist."`
}

const npzSuffix = ".npz"

// Run writes the archive or the folder.
func (c *NpyExportCmd) Run(_ context.Context, s streams) error {
	m, _, _, err := c.modelFlags.load()
	if err != nil {
		return err
	}
	arrays, err := tensorio.FromModel(m)
	if err != nil {
		return err
	}
	if strings.HasSuffix(c.Out, npzSuffix) {
		var b bytes.Buffer
		if err := tensorio.WriteNpz(&b, arrays); err != nil {
			return err
		}
		if err := writeNew(c.Out, b.Bytes(), c.Force); err != nil {
			return err
		}
	} else if err := c.writeFolder(arrays); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %d arrays, %s parameters\n", c.Out, len(arrays), thousands(m.Parameters()))
	return err
}

// writeFolder writes one file an array. A new folder appears when it is complete;
// in one that exists each file is replaced in one piece.
func (c *NpyExportCmd) writeFolder(arrays []tensorio.Array) error {
	names, contents, err := tensorio.EncodeFolder(arrays)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(c.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c.newFolder(names, contents)
	case err != nil:
		return fmt.Errorf("--out: %s: %w", c.Out, plainReason(err))
	case len(entries) > 0 && !c.Force:
		return fmt.Errorf("--out: %s is not empty: --force overwrites the arrays in it, --out elsewhere keeps them", c.Out)
	}
	return writeAll(c.Out, names, contents)
}

// newFolder fills a hidden folder beside the new one, then gives it its name.
func (c *NpyExportCmd) newFolder(names []string, contents [][]byte) error {
	parent := filepath.Dir(filepath.Clean(c.Out))
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return fmt.Errorf("--out: cannot write %s: %w", c.Out, plainReason(err))
	}
	tmp, err := os.MkdirTemp(parent, ".npy-*.tmp")
	if err != nil {
		return fmt.Errorf("--out: cannot write %s: %w", c.Out, plainReason(err))
	}
	defer os.RemoveAll(tmp) // nothing is there once it was renamed
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("--out: cannot write %s: %w", c.Out, plainReason(err))
	}
	if err := writeAll(tmp, names, contents); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Clean(c.Out)); err != nil {
		return fmt.Errorf("--out: cannot write %s: %w", c.Out, plainReason(err))
	}
	return nil
}

func writeAll(dir string, names []string, contents [][]byte) error {
	for i, name := range names {
		if err := atomicfile.Write(filepath.Join(dir, name), contents[i]); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	return nil
}

// writeNew writes --out unless it exists with other content and force is not set.
func writeNew(path string, b []byte, force bool) error {
	if !force {
		old, err := os.ReadFile(path)
		switch {
		case err == nil && !bytes.Equal(old, b):
			return fmt.Errorf("--out: %s exists: --force overwrites it, another --out keeps it", path)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("--out: %s: %w", path, plainReason(err))
		}
	}
	if err := atomicfile.Check(path); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := atomicfile.Write(path, b); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// NpyImportCmd makes a model of arrays.
type NpyImportCmd struct {
	From  string `arg:"" name:"FILE.npz|DIR" help:"Arrays named as npy export names them."`
	Out   string `required:"" placeholder:"FILE.safetensors" help:"The model to write."`
	Force bool   `help:"Overwrite a model that exists."`
}

// Run reads the arrays, checks them as a model, and writes it.
func (c *NpyImportCmd) Run(_ context.Context, s streams) error {
	if !strings.HasSuffix(c.Out, modelSuffix) {
		return usagef("--out: %s: a model's name ends in %s", c.Out, modelSuffix)
	}
	arrays, err := c.read()
	if err != nil {
		return err
	}
	m, err := tensorio.ToModel(arrays)
	if err != nil {
		return fmt.Errorf("%s: %w", c.From, err)
	}
	b, err := core.SaveModel(m, map[string]string{
		"version": core.Version,
		"source":  "arrays of " + filepath.Base(filepath.Clean(c.From)),
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.From, err)
	}
	if err := writeNew(c.Out, b, c.Force); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %s parameters, %d latent dimensions\n", c.Out, thousands(m.Parameters()), m.Config().Latent)
	return err
}

func (c *NpyImportCmd) read() ([]tensorio.Array, error) {
	info, err := os.Stat(c.From)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.From, plainReason(err))
	}
	if info.IsDir() {
		return tensorio.ReadFolder(c.From)
	}
	b, err := readFile(c.From)
	if err != nil {
		return nil, err
	}
	return tensorio.ReadNpz(b, c.From)
}
