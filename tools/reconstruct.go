package main

import (
	"context"
	"fmt"

	"vaelab/core"
	"vaelab/core/data"
)

// ReconstructCmd draws test images over what the model makes of them.
type ReconstructCmd struct {
	modelFlags
	dataFlags
	threadFlags
	pictureFlags `set:"picture=out/reconstruct.png"`
	N            *int `name:"n" placeholder:"N" help:"Images to show, 1 to 1,000 (20)."`
	First        *int `placeholder:"I" help:"Index of the first test image, from 0 (0)."`
	JSON         bool `name:"json" help:"Print posterior means and log-variances as JSON."`
}

// perRow is how many images stand side by side.
const perRow = 20

// Run writes rows in pairs: originals, and below them the images decoded from
// the means of their posteriors.
func (c *ReconstructCmd) Run(ctx context.Context, s streams) error {
	threads, err := c.threads()
	if err != nil {
		return err
	}
	n, first := 20, 0
	if err := setInt(&n, c.N, "--n", 1, 1000); err != nil {
		return err
	}
	if err := setInt(&first, c.First, "--first", 0, 1<<31); err != nil {
		return err
	}
	m, _, path, err := c.modelFlags.load()
	if err != nil {
		return err
	}
	test, _, err := c.loadTest(ctx, s.err)
	if err != nil {
		return err
	}
	if err := setInt(&first, c.First, "--first", 0, test.Len()-1); err != nil {
		return err
	}
	if left := test.Len() - first; n > left && c.N != nil {
		return usagef("--n: %d images from --first %d on are more than the %s that there are", n, first, thousands(test.Len()))
	} else {
		n = min(n, left)
	}
	const gap = 1
	columns := min(n, perRow)
	scale, err := c.resolve("out/reconstruct.png", columns, 2*((n+columns-1)/columns), gap)
	if err != nil {
		return err
	}
	m.SetThreads(threads)
	latent := m.Config().Latent
	originals, images := make([]float32, n*core.ImagePixels), make([]float32, n*core.ImagePixels)
	data.Scale(originals, test.Images[first*core.ImagePixels:(first+n)*core.ImagePixels])
	mean, logVar := make([]float32, n*latent), make([]float32, n*latent)
	m.Encode(mean, logVar, originals)
	m.Decode(images, mean)
	if err := c.write(stackRows(originals, images, columns), columns, scale, gap); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, struct {
			Out    string      `json:"out"`
			Model  string      `json:"model"`
			First  int         `json:"first"`
			Mean   [][]float32 `json:"mean"`
			LogVar [][]float32 `json:"log_var"`
		}{c.Out, path, first, points(mean, latent), points(logVar, latent)})
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %d test images over their reconstructions\n", c.Out, n)
	return err
}

// stackRows puts each row of columns images of a above the same row of b; a
// short last row is filled up with black.
func stackRows(a, b []float32, columns int) []float32 {
	row := columns * core.ImagePixels
	var out []float32
	for i := 0; i < len(a); i += row {
		for _, images := range [][]float32{a, b} {
			full := make([]float32, row)
			copy(full, images[i:min(i+row, len(images))])
			out = append(out, full...)
		}
	}
	return out
}
