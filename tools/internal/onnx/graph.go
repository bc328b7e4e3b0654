package onnx

import (
	"fmt"

	"vaelab/core"
	"vaelab/core/nn"
	"vaelab/tools/internal/foreign"
)

// Part is what a file computes.
type Part string

const (
	// VAE computes images, z_mean, z_log_var and z from images x and standard normal noise eps.
	VAE Part = "vae"
	// Encoder computes z_mean and z_log_var from images x.
	Encoder Part = "encoder"
	// Decoder computes images from latent points z.
	Decoder Part = "decoder"
)

const half = core.ImageSide / 2

// builder puts nodes one after another.
type builder struct {
	graph
	channels int
	tensors  map[string]nn.Tensor
}

// build returns the graph of a part with the given tensors. Images are [N 1 28 28]; a
// convolution's padding is spelt out, since ONNX' SAME_UPPER and Keras' "same" need not agree.
func build(part Part, objective string, tensors []nn.Tensor) graph {
	b := &builder{tensors: map[string]nn.Tensor{}}
	for _, t := range tensors {
		b.tensors[t.Name] = t
	}
	b.name = string(part)
	b.channels = b.tensors["enc/conv4/kernel"].Shape[3]
	latent := b.tensors["enc/z_mean/kernel"].Shape[1]
	image, point := []int{1, core.ImageSide, core.ImageSide}, []int{latent}
	if part != Decoder {
		b.inputs = append(b.inputs, value{"x", image})
		b.encoder()
	}
	switch part {
	case Encoder:
		b.outputs = []value{{"z_mean", point}, {"z_log_var", point}}
		return b.graph
	case Decoder:
		b.inputs = append(b.inputs, value{"z", point})
	case VAE:
		b.inputs = append(b.inputs, value{"eps", point})
		b.sampling(objective)
	}
	b.decoder()
	b.outputs = []value{{"images", image}}
	if part == VAE {
		b.outputs = append(b.outputs, value{"z_mean", point}, value{"z_log_var", point}, value{"z", point})
	}
	return b.graph
}

func (b *builder) encoder() {
	h := "x"
	for i := range 4 {
		layer := fmt.Sprintf("enc/conv%d", i+1)
		stride, pads := int64(1), []int64{1, 1, 1, 1}
		if i == 1 {
			stride, pads = 2, []int64{0, 0, 1, 1}
		}
		h = b.relu(b.conv("Conv", layer, layer, h, stride, pads))
	}
	b.node("Flatten", "enc/flatten", []string{h}, nil)
	b.nodes[len(b.nodes)-1].ints = map[string][]int64{"axis": {1}}
	b.nodes[len(b.nodes)-1].scalars = map[string]bool{"axis": true}
	h = b.relu(b.gemm("enc/dense", "enc/dense", "enc/flatten"))
	b.gemm("enc/z_mean", "z_mean", h)
	b.gemm("enc/z_log_var", "z_log_var", h)
}

// sampling is the objective's rule: z = μ + exp(lv)·ε for the book's, μ + exp(½·lv)·ε for the ELBO.
func (b *builder) sampling(objective string) {
	logScale := "z_log_var"
	if objective != nn.Seed {
		const name = "sampling/half"
		b.graph.tensors = append(b.graph.tensors, tensor{name: name, shape: []int{}, data: []float32{.5}})
		logScale = b.node("Mul", "sampling/log_scale", []string{"z_log_var", name}, nil)
	}
	b.node("Exp", "sampling/scale", []string{logScale}, nil)
	b.node("Mul", "sampling/noise", []string{"sampling/scale", "eps"}, nil)
	b.node("Add", "z", []string{"z_mean", "sampling/noise"}, nil)
}

func (b *builder) decoder() {
	h := b.relu(b.gemm("dec/dense", "dec/dense", "z"))
	const shape = "dec/shape"
	b.graph.tensors = append(b.graph.tensors, tensor{name: shape, shape: []int{4}, ints: []int64{-1, int64(b.channels), half, half}})
	h = b.node("Reshape", "dec/reshape", []string{h, shape}, nil)
	h = b.relu(b.conv("ConvTranspose", "dec/deconv", "dec/deconv", h, 2, []int64{0, 0, 1, 1}))
	h = b.conv("Conv", "dec/conv", "dec/conv", h, 1, []int64{1, 1, 1, 1})
	b.node("Sigmoid", "images", []string{h}, nil)
}

// node appends a node and returns the name of its output.
func (b *builder) node(op, output string, inputs []string, ints map[string][]int64) string {
	b.nodes = append(b.nodes, node{op: op, inputs: inputs, outputs: []string{output}, ints: ints})
	return output
}

func (b *builder) relu(h string) string { return b.node("Relu", h+"/relu", []string{h}, nil) }

func (b *builder) conv(op, layer, output, h string, stride int64, pads []int64) string {
	return b.node(op, output, append([]string{h}, b.weights(layer)...), map[string][]int64{
		"kernel_shape": {3, 3}, "strides": {stride, stride}, "pads": pads,
	})
}

func (b *builder) gemm(layer, output, h string) string {
	return b.node("Gemm", output, append([]string{h}, b.weights(layer)...), nil)
}

// weights adds a layer's initialisers and returns their names.
func (b *builder) weights(layer string) []string {
	names := []string{layer + "/kernel", layer + "/bias"}
	for _, name := range names {
		t := b.tensors[name]
		data, shape := toONNX(name, t.Data, t.Shape, b.channels)
		b.graph.tensors = append(b.graph.tensors, tensor{name: name, shape: shape, data: data})
	}
	return names
}

// toONNX lays a tensor out as ONNX wants it: convolutions [out in 3 3], the transposed one [in out 3 3],
// and the features between convolutions and dense layers channel by channel. Without
// data it only tells the shape.
func toONNX(name string, data []float32, shape []int, channels int) ([]float32, []int) {
	var split, order []int
	result := shape
	switch {
	case name == "enc/dense/kernel":
		split, order = []int{half, half, channels, shape[1]}, []int{2, 0, 1, 3}
	case name == "dec/dense/kernel":
		split, order = []int{shape[0], half, half, channels}, []int{0, 3, 1, 2}
	case name == "dec/dense/bias":
		split, order = []int{half, half, channels}, []int{2, 0, 1}
	case len(shape) == 4:
		split, order = shape, []int{3, 2, 0, 1}
		result = []int{shape[3], shape[2], shape[0], shape[1]}
	default:
		return data, shape
	}
	if data != nil {
		data, _ = foreign.Permute(data, split, order)
	}
	return data, result
}

// fromONNX undoes toONNX; shape is the one that toONNX gave.
func fromONNX(name string, data []float32, shape []int, channels int) ([]float32, []int) {
	switch {
	case name == "enc/dense/kernel":
		data, _ = foreign.Permute(data, []int{channels, half, half, shape[1]}, []int{1, 2, 0, 3})
	case name == "dec/dense/kernel":
		data, _ = foreign.Permute(data, []int{shape[0], channels, half, half}, []int{0, 2, 3, 1})
	case name == "dec/dense/bias":
		data, _ = foreign.Permute(data, []int{channels, half, half}, []int{1, 2, 0})
	case len(shape) == 4:
		return foreign.Permute(data, shape, []int{2, 3, 1, 0})
	}
	return data, shape
}
