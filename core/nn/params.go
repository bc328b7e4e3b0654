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

// Layout lists every tensor's name and shape without allocating any data.
func Layout(d Dims) []Tensor {
	e, flat := d.Encoder, d.flat()
	layers := []Tensor{
		{Name: "enc/conv1", Shape: []int{3, 3, 1, e[0]}},
		{Name: "enc/conv2", Shape: []int{3, 3, e[0], e[1]}},
		{Name: "enc/conv3", Shape: []int{3, 3, e[1], e[2]}},
		{Name: "enc/conv4", Shape: []int{3, 3, e[2], e[3]}},
		{Name: "enc/dense", Shape: []int{flat, d.Hidden}},
		{Name: "enc/z_mean", Shape: []int{d.Hidden, d.Latent}},
		{Name: "enc/z_log_var", Shape: []int{d.Hidden, d.Latent}},
		{Name: "dec/dense", Shape: []int{d.Latent, flat}},
		{Name: "dec/deconv", Shape: []int{3, 3, d.Decoder, e[3]}},
		{Name: "dec/conv", Shape: []int{3, 3, d.Decoder, 1}},
	}
	var all []Tensor
	for _, l := range layers {
		outputs := l.Shape[len(l.Shape)-1]
		if l.Name == "dec/deconv" {
			outputs = d.Decoder // a transposed convolution's kernel is [3 3 out in]
		}
		all = append(all, Tensor{Name: l.Name + "/kernel", Shape: l.Shape}, Tensor{Name: l.Name + "/bias", Shape: []int{outputs}})
	}
	return all
}

// NewParams allocates zeros for the given architecture.
func NewParams(d Dims) *Params {
	p := &Params{Dims: d, tensors: Layout(d)}
	total := 0
	for _, t := range p.tensors {
		total += t.Len()
	}
	p.Flat = make([]float32, total+kernel.Slack)[:total]
	at := 0
	for i := range p.tensors {
		t := &p.tensors[i]
		t.Data = p.Flat[at : at+t.Len()]
		at += t.Len()
	}
	layers := []*Layer{&p.Conv[0], &p.Conv[1], &p.Conv[2], &p.Conv[3], &p.Dense, &p.Mean, &p.LogVar, &p.DecDense, &p.Deconv, &p.Out}
	for i, l := range layers {
		l.Kernel, l.Bias = p.tensors[2*i].Data, p.tensors[2*i+1].Data
	}
	return p
}

// Tensors lists the named views in the order in which they lie in Flat.
func (p *Params) Tensors() []Tensor { return p.tensors }

// Len returns the number of elements that the shape describes.
func (t Tensor) Len() int {
	n := 1
	for _, s := range t.Shape {
		n *= s
	}
	return n
}
