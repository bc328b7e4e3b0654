package main

import (
	"fmt"
	"strings"

	"vaelab/core"
)

// layer is a row of a summary.
type layer struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Output     []int  `json:"output"` // without the batch
	Parameters int    `json:"parameters"`
}

// layers lists the layers of encoder and decoder, in order. Parameters are
// counted in the model's own tensors.
func layers(m *core.Model) (encoder, decoder []layer) {
	c := m.Config()
	e := c.Encoder
	half := core.ImageSide / 2
	flat := half * half * e[3]
	encoder = []layer{
		{Name: "enc/input", Type: "Input", Output: []int{core.ImageSide, core.ImageSide, 1}},
		{Name: "enc/conv1", Type: "Conv2D 3×3, relu", Output: []int{core.ImageSide, core.ImageSide, e[0]}},
		{Name: "enc/conv2", Type: "Conv2D 3×3 /2, relu", Output: []int{half, half, e[1]}},
		{Name: "enc/conv3", Type: "Conv2D 3×3, relu", Output: []int{half, half, e[2]}},
		{Name: "enc/conv4", Type: "Conv2D 3×3, relu", Output: []int{half, half, e[3]}},
		{Name: "enc/flatten", Type: "Flatten", Output: []int{flat}},
		{Name: "enc/dense", Type: "Dense, relu", Output: []int{c.Hidden}},
		{Name: "enc/z_mean", Type: "Dense", Output: []int{c.Latent}},
		{Name: "enc/z_log_var", Type: "Dense", Output: []int{c.Latent}},
		{Name: "enc/sampling", Type: "Sampling", Output: []int{c.Latent}},
	}
	decoder = []layer{
		{Name: "dec/input", Type: "Input", Output: []int{c.Latent}},
		{Name: "dec/dense", Type: "Dense, relu", Output: []int{flat}},
		{Name: "dec/reshape", Type: "Reshape", Output: []int{half, half, e[3]}},
		{Name: "dec/deconv", Type: "Conv2DTranspose 3×3 ×2, relu", Output: []int{core.ImageSide, core.ImageSide, c.Decoder}},
		{Name: "dec/conv", Type: "Conv2D 3×3, sigmoid", Output: []int{core.ImageSide, core.ImageSide, 1}},
	}
	for _, part := range [][]layer{encoder, decoder} {
		for i := range part {
			for _, t := range m.Tensors() {
				if strings.HasPrefix(t.Name, part[i].Name+"/") {
					part[i].Parameters += len(t.Data)
				}
			}
		}
	}
	return encoder, decoder
}

// parameters adds up a column of a summary.
func parameters(rows []layer) (n int) {
	for _, r := range rows {
		n += r.Parameters
	}
	return n
}

// shapeText writes a shape as Keras does: (None, 14, 14, 64).
func shapeText(shape []int) string {
	var b strings.Builder
	b.WriteString("(None")
	for _, d := range shape {
		fmt.Fprintf(&b, ", %d", d)
	}
	b.WriteString(")")
	return b.String()
}
