package main

import (
	"context"
	"fmt"

	"vaelab/core"
	"vaelab/core/latent"
)

// ManifoldCmd draws what the model decodes over a plane of the latent space.
type ManifoldCmd struct {
	modelFlags
	threadFlags
	pictureFlags `set:"picture=out/manifold.png"`
	N            *int  `name:"n" placeholder:"N" help:"Rows and columns of the grid, 2 to 200 (15)."`
	Axes         []int `placeholder:"N" help:"Latent dimensions along columns and rows, from 0; the others are 0 (0,1)."`
	JSON         bool  `name:"json" help:"Print the grid's latent points as JSON."`
}

// The grid stands at these probabilities of the standard normal, as in the book.
const (
	gridFrom = 0.05
	gridTo   = 0.95
)

// Run writes the book's figure: digits side by side, decoded from the normal's
// quantiles at equally spaced probabilities.
func (c *ManifoldCmd) Run(ctx context.Context, s streams) error {
	threads, err := c.threads()
	if err != nil {
		return err
	}
	n := 15
	if err := setInt(&n, c.N, "--n", 2, 200); err != nil {
		return err
	}
	m, _, path, err := c.load()
	if err != nil {
		return err
	}
	dims := m.Config().Latent
	axes, err := c.axes(dims)
	if err != nil {
		return err
	}
	scale, err := c.resolve("out/manifold.png", n, n, 0)
	if err != nil {
		return err
	}
	m.SetThreads(threads)
	z := latent.Plane(n, n, gridFrom, gridTo, make([]float32, dims), axes[0], axes[1])
	images := make([]float32, n*n*core.ImagePixels)
	m.Decode(images, z)
	if err := c.write(images, n, scale, 0); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, struct {
			Out   string      `json:"out"`
			Model string      `json:"model"`
			N     int         `json:"n"`
			Axes  [2]int      `json:"axes"`
			Z     [][]float32 `json:"z"`
		}{c.Out, path, n, axes, points(z, dims)})
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %d×%d digits over the latent plane\n", c.Out, n, n)
	return err
}

func (c *ManifoldCmd) axes(dims int) ([2]int, error) {
	if dims < 2 {
		return [2]int{}, fmt.Errorf("the model has one latent dimension, a plane needs two: use sample")
	}
	if c.Axes == nil {
		return [2]int{0, 1}, nil
	}
	if len(c.Axes) != 2 || c.Axes[0] == c.Axes[1] {
		return [2]int{}, usagef("--axes: want two different dimensions, for instance 0,1")
	}
	var axes [2]int
	for i := range axes {
		if err := setInt(&axes[i], &c.Axes[i], "--axes", 0, dims-1); err != nil {
			return axes, err
		}
	}
	return axes, nil
}
