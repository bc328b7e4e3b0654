package main

import (
	"context"
	"fmt"
	"math"

	"vaelab/core"
)

// SampleCmd draws digits from the prior.
type SampleCmd struct {
	modelFlags
	threadFlags
	pictureFlags `set:"picture=out/sample.png"`
	N            *int     `name:"n" placeholder:"N" help:"Digits to draw, 1 to 10,000 (64)."`
	Seed         uint64   `default:"1" help:"Seed of the draws (${default}); the page draws the same with it."`
	Temperature  *float64 `placeholder:"X" help:"Standard deviation of the draws, 0 to 10 (1)."`
	JSON         bool     `name:"json" help:"Print the drawn latent points as JSON."`
}

// Run writes a square grid of decoded draws.
func (c *SampleCmd) Run(ctx context.Context, s streams) error {
	threads, err := c.threads()
	if err != nil {
		return err
	}
	n, temperature := 64, 1.0
	if err := setInt(&n, c.N, "--n", 1, 10_000); err != nil {
		return err
	}
	if err := setFloat(&temperature, c.Temperature, "--temperature", 0, 10); err != nil {
		return err
	}
	m, _, path, err := c.load()
	if err != nil {
		return err
	}
	const gap = 1
	columns := int(math.Ceil(math.Sqrt(float64(n))))
	scale, err := c.resolve("out/sample.png", columns, columns, gap)
	if err != nil {
		return err
	}
	m.SetThreads(threads)
	latent := m.Config().Latent
	z, images := make([]float32, n*latent), make([]float32, n*core.ImagePixels)
	m.SamplePrior(z, c.Seed, temperature)
	m.Decode(images, z)
	if err := c.write(images, columns, scale, gap); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, struct {
			Out         string      `json:"out"`
			Model       string      `json:"model"`
			Seed        uint64      `json:"seed"`
			Temperature float64     `json:"temperature"`
			Z           [][]float32 `json:"z"`
		}{c.Out, path, c.Seed, temperature, points(z, latent)})
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %d digits from seed %d\n", c.Out, n, c.Seed)
	return err
}

// points cuts z (n×latent) into n points.
func points(z []float32, latent int) [][]float32 {
	out := make([][]float32, len(z)/latent)
	for i := range out {
		out[i] = z[i*latent : (i+1)*latent]
	}
	return out
}
