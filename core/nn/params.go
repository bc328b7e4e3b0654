// Package nn is the model's layers on top of package kernel: parameters in one
// arena, forward and backward passes, objectives and optimisers.
package nn

import "vaelab/core/kernel"

// Side and Pixels are the height (and width) of an image and its number of pixels;
// half is the side after the strided convolution.
const (
	Side   = 28
	Pixels = Side * Side
	half   = Side / 2
)

// Dims is the architecture: what decides the shape of every tensor.
type Dims struct {
	Latent  int
	Hidden  int
	Encoder [4]int
	Decoder int
}

// flat is the number of features between the convolutions and the dense layers.
func (d Dims) flat() int { return half * half * d.Encoder[3] }

// Layer is a kernel and its bias: views of the arena.
type Layer struct{ Kernel, Bias []float32 }

// Tensor is a named view of the arena.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// Params is one value per parameter of the model: the parameters themselves, a
// gradient of them, or an optimiser's moments. One allocation, many views.
type Params struct {
	Dims Dims
	Flat []float32 // all of them, in the order of Tensors

	Conv     [4]Layer // [3 3 in out] HWIO; in is 1 for the first
	Dense    Layer    // [14·14·c hidden]
	Mean     Layer    // [hidden latent]
	LogVar   Layer    // [hidden latent]
	DecDense Layer    // [latent 14·14·c]
	Deconv   Layer    // [3 3 out in], out = Decoder channels
	Out      Layer    // [3 3 Decoder 1]

	tensors []Tensor
}

// NewParams allocates zeros for the given architecture.
func NewParams(d Dims) *Params {
	p := &Params{Dims: d}
	e, flat := d.Encoder, d.flat()
	in := [4]int{1, e[0], e[1], e[2]}
	type entry struct {
		name  string
		layer *Layer
		shape []int
		bias  int
	}
	entries := []entry{
		{"enc/conv1", &p.Conv[0], []int{3, 3, in[0], e[0]}, e[0]},
		{"enc/conv2", &p.Conv[1], []int{3, 3, in[1], e[1]}, e[1]},
		{"enc/conv3", &p.Conv[2], []int{3, 3, in[2], e[2]}, e[2]},
		{"enc/conv4", &p.Conv[3], []int{3, 3, in[3], e[3]}, e[3]},
		{"enc/dense", &p.Dense, []int{flat, d.Hidden}, d.Hidden},
		{"enc/z_mean", &p.Mean, []int{d.Hidden, d.Latent}, d.Latent},
		{"enc/z_log_var", &p.LogVar, []int{d.Hidden, d.Latent}, d.Latent},
		{"dec/dense", &p.DecDense, []int{d.Latent, flat}, flat},
		{"dec/deconv", &p.Deconv, []int{3, 3, d.Decoder, e[3]}, d.Decoder},
		{"dec/conv", &p.Out, []int{3, 3, d.Decoder, 1}, 1},
	}
	total := 0
	for _, e := range entries {
		total += product(e.shape) + e.bias
	}
	p.Flat = make([]float32, total+kernel.Slack)[:total]
	at := 0
	view := func(name string, shape []int) []float32 {
		n := product(shape)
		v := p.Flat[at : at+n]
		at += n
		p.tensors = append(p.tensors, Tensor{name, shape, v})
		return v
	}
	for _, e := range entries {
		e.layer.Kernel = view(e.name+"/kernel", e.shape)
		e.layer.Bias = view(e.name+"/bias", []int{e.bias})
	}
	return p
}

// Tensors lists the named views in the order in which they lie in Flat.
func (p *Params) Tensors() []Tensor { return p.tensors }

func product(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}
