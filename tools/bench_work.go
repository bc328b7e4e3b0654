package main

import "vaelab/core"

// work counts multiply-adds of an image's way through the layers of a model;
// two floating-point operations each.
type work struct {
	conv            [4]float64
	dense           float64
	heads           float64 // z_mean and z_log_var together
	decoderDense    float64
	deconv, outConv float64
}

// workOf counts for one image: output pixels × taps × input channels × output
// channels for a convolution, input pixels instead of output pixels for the
// transposed one.
func workOf(c core.Config) work {
	const full, half, taps = core.ImagePixels, core.ImagePixels / 4, 9
	mul := func(factors ...int) float64 {
		p := 1.0
		for _, f := range factors {
			p *= float64(f)
		}
		return p
	}
	e := c.Encoder
	return work{
		conv: [4]float64{
			mul(full, taps, e[0]), mul(half, taps, e[0], e[1]), mul(half, taps, e[1], e[2]), mul(half, taps, e[2], e[3]),
		},
		dense:        mul(half, e[3], c.Hidden),
		heads:        mul(2, c.Hidden, c.Latent),
		decoderDense: mul(c.Latent, half, e[3]),
		deconv:       mul(half, taps, e[3], c.Decoder),
		outConv:      mul(full, taps, c.Decoder),
	}
}

func (w work) encode() float64 {
	return w.conv[0] + w.conv[1] + w.conv[2] + w.conv[3] + w.dense + w.heads
}

func (w work) decode() float64 { return w.decoderDense + w.deconv + w.outConv }

// train is forward, gradient of the weights and gradient of the input, of which
// the first layer's is never needed.
func (w work) train() float64 { return 3*(w.encode()+w.decode()) - w.conv[0] }
