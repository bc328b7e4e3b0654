// Package foreign makes a model of the tensors that another program's file holds:
// the architecture is inferred from their shapes, and then every tensor must fit it.
package foreign

import (
	"fmt"
	"slices"
	"strings"

	"vaelab/core"
	"vaelab/core/nn"
)

// Tensor is an array in this program's name and layout, with what it is called
// in the file that it comes from.
type Tensor struct {
	Name   string // as core.Model.Tensors lists it
	Source string // for messages
	Shape  []int
	Data   []float32
}

// Build returns a model of those tensors. Missing, doubled or unknown tensors, shapes
// that do not fit each other, and NaN or infinite values are errors that name the
// tensor as its file does.
func Build(tensors []Tensor) (*core.Model, error) {
	byName := map[string]Tensor{}
	for _, t := range tensors {
		if first, ok := byName[t.Name]; ok {
			return nil, fmt.Errorf("%q and %q would both be %s", clip(first.Source), clip(t.Source), t.Name)
		}
		byName[t.Name] = t
	}
	cfg, err := config(byName)
	if err != nil {
		return nil, err
	}
	for _, want := range nn.Layout(nn.Dims(cfg)) {
		t, ok := byName[want.Name]
		if !ok {
			return nil, fmt.Errorf("%s is missing: the file holds only part of the model", want.Name)
		}
		if !slices.Equal(t.Shape, want.Shape) {
			return nil, shapeError(t, fmt.Sprint(want.Shape), want.Shape)
		}
		if len(t.Data) != want.Len() {
			return nil, fmt.Errorf("%q has %d values, its shape %v wants %d", clip(t.Source), len(t.Data), t.Shape, want.Len())
		}
		for i, v := range t.Data {
			if v-v != 0 {
				return nil, fmt.Errorf("%q holds %v at index %d: such a model computes nothing but NaN", clip(t.Source), v, i)
			}
		}
		delete(byName, want.Name)
	}
	for _, t := range tensors {
		if _, left := byName[t.Name]; left {
			return nil, fmt.Errorf("%q does not belong to this architecture: %s", clip(t.Source), Architecture)
		}
	}
	m, err := core.NewModel(cfg, 0)
	if err != nil {
		return nil, err
	}
	for _, dst := range m.Tensors() {
		i := slices.IndexFunc(tensors, func(t Tensor) bool { return t.Name == dst.Name })
		copy(dst.Data, tensors[i].Data)
	}
	m.Changed()
	return m, nil
}

// Architecture says in a message what would have been read.
const Architecture = "want the VAE of four 3×3 convolutions, a dense layer and two heads, and a decoder of a dense layer, a transposed and a plain 3×3 convolution, each with a bias"

// config reads the sizes off the shapes.
func config(byName map[string]Tensor) (core.Config, error) {
	var c core.Config
	var firstErr error
	size := func(name string, rank, axis int, want string) int {
		t, ok := byName[name]
		switch {
		case firstErr != nil:
		case !ok:
			firstErr = fmt.Errorf("%s is missing: %s", name, Architecture)
		case len(t.Shape) != rank:
			firstErr = shapeError(t, want, nil)
		default:
			return t.Shape[axis]
		}
		return 0
	}
	for i := range c.Encoder {
		c.Encoder[i] = size(fmt.Sprintf("enc/conv%d/kernel", i+1), 4, 3, "[3 3 in out]")
	}
	c.Hidden = size("enc/dense/kernel", 2, 1, "[14·14·channels hidden]")
	c.Latent = size("enc/z_mean/kernel", 2, 1, "[hidden latent]")
	c.Decoder = size("dec/deconv/kernel", 4, 2, "[3 3 out in]")
	if firstErr != nil {
		return c, firstErr
	}
	// The sizes may be out of range because a kernel is laid out in another order.
	for i, in := 0, 1; i < len(c.Encoder); i++ {
		t := byName[fmt.Sprintf("enc/conv%d/kernel", i+1)]
		want := []int{3, 3, in, c.Encoder[i]}
		if !slices.Equal(t.Shape, want) {
			return c, shapeError(t, fmt.Sprintf("[3 3 %d out]", in), want)
		}
		in = c.Encoder[i]
	}
	if err := c.Validate(); err != nil {
		return c, err
	}
	return c, nil
}

// shapeError says what shape stands where another was wanted, and whether the
// numbers are right and only their order is not.
func shapeError(t Tensor, want string, shape []int) error {
	hint := ": is it another model?"
	a, b := slices.Clone(t.Shape), slices.Clone(shape)
	slices.Sort(a)
	slices.Sort(b)
	if slices.Equal(a, b) || len(t.Shape) == 4 && (t.Shape[2] == 3 && t.Shape[3] == 3 && t.Shape[0] != 3) {
		hint = ": it looks transposed (another program's layout)"
	}
	return fmt.Errorf("%q has shape %v, %s wants %s%s", clip(t.Source), t.Shape, t.Name, want, hint)
}

// Permute returns data of the given shape with its axes in another order: axis i of
// the result is axis order[i] of the input.
func Permute(data []float32, shape, order []int) (permuted []float32, permutedShape []int) {
	rank := len(shape)
	strides := make([]int, rank)
	for i, n := rank-1, 1; i >= 0; i-- {
		strides[i] = n
		n *= shape[i]
	}
	permutedShape = make([]int, rank)
	steps := make([]int, rank)
	for i, axis := range order {
		permutedShape[i], steps[i] = shape[axis], strides[axis]
	}
	permuted = make([]float32, len(data))
	index := make([]int, rank)
	at := 0
	for i := range permuted {
		permuted[i] = data[at]
		for axis := rank - 1; axis >= 0; axis-- {
			index[axis]++
			at += steps[axis]
			if index[axis] < permutedShape[axis] {
				break
			}
			at -= steps[axis] * permutedShape[axis]
			index[axis] = 0
		}
	}
	return permuted, permutedShape
}

// clip makes a name out of a file safe to stand in a line of a message; it is quoted by %q.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}
