package main

import (
	"context"
	"fmt"
	"path/filepath"

	"vaelab/core"
	"vaelab/core/data"
	"vaelab/tools/internal/atomicfile"
	"vaelab/tools/internal/columns"
)

// EncodeCmd writes the posteriors of a data set as a table.
type EncodeCmd struct {
	modelFlags
	dataFlags
	threadFlags
	Set   string `enum:"train,test,all" default:"test" help:"Which images: train, test or all (${default})."`
	Out   string `required:"" placeholder:"FILE.csv|FILE.parquet" help:"Table to write: a row an image with set, index, label, mean_0 … and log_var_0 …"`
	Force bool   `help:"Overwrite a table that exists."`
}

// encodeSlice is how many images are encoded between two looks at whether to stop.
const encodeSlice = 1000

// Run encodes the images and writes the table.
func (c *EncodeCmd) Run(ctx context.Context, s streams) error {
	threads, err := c.threads()
	if err != nil {
		return err
	}
	kind := filepath.Ext(c.Out)
	if kind != ".csv" && kind != ".parquet" {
		return usagef("--out: %s: a table's name ends in .csv or .parquet", c.Out)
	}
	if err := atomicfile.Check(c.Out); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	m, _, path, err := c.modelFlags.load()
	if err != nil {
		return err
	}
	m.SetThreads(threads)
	t := &columns.Table{Latent: m.Config().Latent, Comment: "posteriors by VAE Lab " + core.Version + " with " + filepath.Base(path)}
	if err := c.encode(ctx, t, m, s); err != nil {
		return err
	}
	var b []byte
	if kind == ".csv" {
		b, err = t.CSV()
	} else {
		b, err = t.Parquet()
	}
	if err != nil {
		return err
	}
	if err := writeNew(c.Out, b, c.Force); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %s images, %d latent dimensions\n", c.Out, thousands(len(t.Index)), t.Latent)
	return err
}

func (c *EncodeCmd) encode(ctx context.Context, t *columns.Table, m *core.Model, s streams) error {
	if c.Set == "test" {
		test, _, err := c.loadTest(ctx, s.err)
		if err != nil {
			return err
		}
		return appendPosteriors(ctx, t, m, "test", test)
	}
	sets, err := c.dataFlags.load(ctx, s.err)
	if err != nil {
		return err
	}
	if c.Set == "all" && (sets.train.Labels == nil) != (sets.test.Labels == nil) {
		return fmt.Errorf("--set all: one of the two sets has labels and the other has none: encode them one by one")
	}
	if err := appendPosteriors(ctx, t, m, "train", sets.train); err != nil || c.Set == "train" {
		return err
	}
	return appendPosteriors(ctx, t, m, "test", sets.test)
}

// appendPosteriors encodes every image of a set into rows.
func appendPosteriors(ctx context.Context, t *columns.Table, m *core.Model, name string, set *data.Set) error {
	n, first := set.Len(), len(t.Mean)
	t.Mean = append(t.Mean, make([]float32, n*t.Latent)...)
	t.LogVar = append(t.LogVar, make([]float32, n*t.Latent)...)
	mean, logVar := t.Mean[first:], t.LogVar[first:]
	for lo := 0; lo < n; lo += encodeSlice {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+encodeSlice, n)
		m.EncodeSet(mean[lo*t.Latent:hi*t.Latent], logVar[lo*t.Latent:hi*t.Latent], set, lo, hi)
	}
	for i := range n {
		t.Set, t.Index = append(t.Set, name), append(t.Index, int32(i))
		if set.Labels != nil {
			t.Label = append(t.Label, int32(set.Labels[i]))
		}
	}
	return nil
}
