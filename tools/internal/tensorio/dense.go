package tensorio

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"vaelab/core"
)

// Array is a named dense tensor.
type Array struct {
	Name string
	*tensor.Dense
}

// newDense makes a tensor over values, without a copy. What would be tensor's panic
// is an error here.
func newDense(shape []int, values []float32) (t *tensor.Dense, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("tensor: %v", r)
		}
	}()
	return tensor.New(tensor.WithShape(slices.Clone(shape)...), tensor.WithBacking(values)), nil
}

// FromModel returns the model's parameters in Keras' layouts, in core's order, as
// tensors that share the model's memory: call core.Model.Changed after writing to one.
func FromModel(m *core.Model) ([]Array, error) {
	var all []Array
	for _, p := range m.Tensors() {
		t, err := newDense(p.Shape, p.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		all = append(all, Array{p.Name, t})
	}
	return all, nil
}

// ToModel returns a model with the parameters of arrays, which are copied; its
// architecture is read from their shapes. It is an error, which names the array,
// if one is missing, of another shape than the others imply, or unknown.
func ToModel(arrays []Array) (*core.Model, error) {
	byName := map[string]*tensor.Dense{}
	for _, a := range arrays {
		if byName[a.Name] != nil {
			return nil, fmt.Errorf("array %q occurs twice", a.Name)
		}
		byName[a.Name] = a.Dense
	}
	cfg, err := configOf(byName)
	if err != nil {
		return nil, err
	}
	m, err := core.NewModel(cfg, 0)
	if err != nil {
		return nil, fmt.Errorf("the shapes of the arrays describe no model of this program: %w", err)
	}
	for _, p := range m.Tensors() {
		a, ok := byName[p.Name]
		if !ok {
			return nil, missing(p.Name)
		}
		if !slices.Equal(a.Shape(), p.Shape) {
			return nil, fmt.Errorf("array %q has shape %s, want %s: Keras' layouts are channels last, kernels height × width × in × out",
				p.Name, tuple(a.Shape()), tuple(p.Shape))
		}
		if a.Dtype() != tensor.Float32 {
			return nil, fmt.Errorf("array %q has dtype %v, want float32", p.Name, a.Dtype())
		}
		values, err := rowMajor(a)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", p.Name, err)
		}
		copy(p.Data, values)
		delete(byName, p.Name)
	}
	for name := range byName {
		return nil, fmt.Errorf("array %q is none of this model's", name)
	}
	m.Changed()
	return m, nil
}

func missing(name string) error {
	return fmt.Errorf("there is no array %q: export a model to see all names", name)
}

// configOf reads the architecture from the shapes of the biases.
func configOf(byName map[string]*tensor.Dense) (core.Config, error) {
	var cfg core.Config
	for _, part := range []struct {
		name string
		size *int
	}{
		{"enc/conv1/bias", &cfg.Encoder[0]},
		{"enc/conv2/bias", &cfg.Encoder[1]},
		{"enc/conv3/bias", &cfg.Encoder[2]},
		{"enc/conv4/bias", &cfg.Encoder[3]},
		{"enc/dense/bias", &cfg.Hidden},
		{"enc/z_mean/bias", &cfg.Latent},
		{"dec/deconv/bias", &cfg.Decoder},
	} {
		a := byName[part.name]
		if a == nil {
			return cfg, missing(part.name)
		}
		if a.Dims() != 1 {
			return cfg, fmt.Errorf("array %q has shape %s, want one dimension", part.name, tuple(a.Shape()))
		}
		*part.size = a.Shape()[0]
	}
	if err := cfg.Validate(); err != nil {
		return cfg, fmt.Errorf("the biases' shapes describe no model of this program: %w", err)
	}
	return cfg, nil
}

// errEmpty tells of an archive or a folder without arrays.
var errEmpty = errors.New("it holds no .npy files")
