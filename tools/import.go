package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"vaelab/core"
)

// ImportCmd makes a model of another program's file.
type ImportCmd struct {
	Files []string `arg:"" name:"FILE" help:"File to read: .weights.h5 or .keras of Keras 3, .h5 of Keras 2, a PyTorch state dict as safetensors, .onnx (or an encoder's and a decoder's), .npz, or this program's weights. Its content tells which."`
	Out   string   `required:"" placeholder:"FILE.safetensors" help:"The model to write."`
	Force bool     `help:"Overwrite a model that exists."`
}

// Run reads the files, checks them as a model, and writes it.
func (c *ImportCmd) Run(_ context.Context, s streams) error {
	if !strings.HasSuffix(c.Out, modelSuffix) {
		return usagef("--out: %s: a model's name ends in %s", c.Out, modelSuffix)
	}
	var contents [][]byte
	for _, path := range c.Files {
		b, err := readFile(path)
		if err != nil {
			return err
		}
		contents = append(contents, b)
	}
	in, err := recognise(c.Files, contents)
	if err != nil {
		return err
	}
	metadata := describing(in.metadata)
	metadata["version"] = core.Version
	metadata["source"] = in.format + " of " + filepath.Base(filepath.Clean(c.Files[0]))
	b, err := core.SaveModel(in.model, metadata)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Files[0], err)
	}
	if err := writeNew(c.Out, b, c.Force); err != nil {
		return err
	}
	for _, note := range in.notes {
		fmt.Fprintf(s.err, "note: %s\n", note)
	}
	cfg := in.model.Config()
	_, err = fmt.Fprintf(s.out, "%s: %s parameters, %d latent dimensions, from %s\n", c.Out, thousands(in.model.Parameters()), cfg.Latent, in.format)
	return err
}
