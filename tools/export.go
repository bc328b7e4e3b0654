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
	"vaelab/core/nn"
	"vaelab/tools/internal/atomicfile"
	"vaelab/tools/internal/keras"
	"vaelab/tools/internal/onnx"
	"vaelab/tools/internal/tensorio"
	"vaelab/tools/internal/torch"
)

// ExportCmd writes a model in the formats of other programs.
type ExportCmd struct {
	modelFlags
	Format    string `required:"" enum:"keras,keras2,npz,torch,onnx,safetensors" help:"One of ${enum}: a .weights.h5 of Keras 3, an .h5 of Keras 2, NumPy's .npz, a state dict for PyTorch as safetensors, ONNX, or this program's own weights without a training state."`
	Out       string `required:"" placeholder:"FILE" help:"File to write. keras and torch put a Python module beside it; onnx writes FILE for the VAE, and FILE with .encoder and .decoder in its name."`
	Objective string `placeholder:"NAME" help:"Which sampling rule torch and onnx get, seed or elbo, where the model does not say with which it was trained."`
	Force     bool   `help:"Overwrite files that exist."`
}

// exported is a file to write, complete in memory before the first is written.
type exported struct {
	path    string
	content []byte
	module  bool // a Python module of ours: an older version of it may be replaced
}

// exportSuffix is what a format's file name must end in.
var exportSuffix = map[string]string{
	"keras": ".weights.h5", "keras2": ".h5", "npz": npzSuffix, "torch": modelSuffix, "onnx": ".onnx", "safetensors": modelSuffix,
}

// Run makes every file, then writes them.
func (c *ExportCmd) Run(_ context.Context, s streams) error {
	if suffix := exportSuffix[c.Format]; !strings.HasSuffix(c.Out, suffix) || filepath.Base(c.Out) == suffix {
		return usagef("--out: %s: the name of a file for --format %s ends in %s", c.Out, c.Format, suffix)
	}
	if c.Objective != "" && c.Objective != nn.Seed && c.Objective != nn.ELBO {
		return usagef("--objective: %q is unknown, want %s or %s", c.Objective, nn.Seed, nn.ELBO)
	}
	m, metadata, path, err := c.load()
	if err != nil {
		return err
	}
	files, err := c.files(m, metadata, path)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := c.mayWrite(f); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := atomicfile.Write(f.path, f.content); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		fmt.Fprintf(s.out, "wrote %s: %s bytes\n", f.path, thousands(len(f.content)))
	}
	return nil
}

func (c *ExportCmd) files(m *core.Model, metadata map[string]string, path string) ([]exported, error) {
	beside := func(name string) string { return filepath.Join(filepath.Dir(c.Out), name) }
	var b []byte
	var err error
	switch c.Format {
	case "keras":
		b, err = keras.Write(m)
		return []exported{{path: c.Out, content: b}, {beside(keras.ModuleName), keras.Module, true}}, err
	case "keras2":
		b, err = keras.WriteKeras2(m)
	case "npz":
		b, err = npzOf(m)
	case "safetensors":
		b, err = core.SaveModel(m, describing(metadata))
	case "torch":
		objective, e := c.objective(metadata, path)
		if e != nil {
			return nil, e
		}
		about := describing(metadata)
		about["objective"], about["format"] = objective, "pt"
		b, err = torch.Write(m, about)
		return []exported{{path: c.Out, content: b}, {beside(torch.ModuleName), torch.Module, true}}, err
	case "onnx":
		return c.onnxFiles(m, metadata, path)
	}
	return []exported{{path: c.Out, content: b}}, err
}

func npzOf(m *core.Model) ([]byte, error) {
	arrays, err := tensorio.FromModel(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = tensorio.WriteNpz(&b, arrays)
	return b.Bytes(), err
}

func (c *ExportCmd) onnxFiles(m *core.Model, metadata map[string]string, path string) ([]exported, error) {
	objective, err := c.objective(metadata, path)
	if err != nil {
		return nil, err
	}
	var files []exported
	for _, part := range []onnx.Part{onnx.VAE, onnx.Encoder, onnx.Decoder} {
		b, err := onnx.Write(m, part, objective, describing(metadata))
		if err != nil {
			return nil, err
		}
		name := c.Out
		if part != onnx.VAE {
			name = strings.TrimSuffix(c.Out, ".onnx") + "." + string(part) + ".onnx"
		}
		files = append(files, exported{path: name, content: b})
	}
	return files, nil
}

// objective is the rule of sampling: a flag, or what the model's file says of its training.
func (c *ExportCmd) objective(metadata map[string]string, path string) (string, error) {
	if c.Objective != "" {
		return c.Objective, nil
	}
	for _, key := range []string{"objective", "train.objective"} {
		if o := metadata[key]; o == nn.Seed || o == nn.ELBO {
			return o, nil
		}
	}
	return "", fmt.Errorf("%s does not say with which objective it was trained, which decides how z is sampled: give --objective %s or %s", path, nn.Seed, nn.ELBO)
}

// describing keeps what a file tells of how its model came about, without the
// keys that are this program's own and a training state's.
func describing(metadata map[string]string) map[string]string {
	kept := map[string]string{}
	for k, v := range metadata {
		prefix, _, dotted := strings.Cut(k, ".")
		if own := map[string]bool{"vaelab": true, "model": true, "position": true, "data": true, "train": true}; dotted && own[prefix] {
			continue
		}
		if k != metaHistory && k != metaPartial && k != "format" {
			kept[k] = v
		}
	}
	if o := metadata["train.objective"]; o != "" && kept["objective"] == "" {
		kept["objective"] = o
	}
	return kept
}

// mayWrite refuses to replace a file with other content, unless it is an older version
// of our module or --force is given.
func (c *ExportCmd) mayWrite(f exported) error {
	old, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("--out: %s: %w", f.path, plainReason(err))
	case c.Force || bytes.Equal(old, f.content):
	case f.module && bytes.HasPrefix(old, f.content[:bytes.IndexByte(f.content, '\n')]):
	default:
		return fmt.Errorf("--out: %s exists: --force overwrites it, another --out keeps it", f.path)
	}
	if err := atomicfile.Check(f.path); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}
