package foreign

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vaelab/core"
)

func tensors(t *testing.T) []Tensor {
	t.Helper()
	m, err := core.NewModel(core.Config{Latent: 3, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7}, 2)
	if err != nil {
		t.Fatal(err)
	}
	var all []Tensor
	for _, x := range m.Tensors() {
		all = append(all, Tensor{x.Name, "file:" + x.Name, x.Shape, slices.Clone(x.Data)})
	}
	return all
}

func TestBuild(t *testing.T) {
	all := tensors(t)
	slices.Reverse(all) // their order is free
	m, err := Build(all)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(all)
	for i, x := range m.Tensors() {
		if !slices.Equal(x.Data, all[i].Data) {
			t.Errorf("%s differs", x.Name)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	at := func(all []Tensor, name string) *Tensor {
		return &all[slices.IndexFunc(all, func(x Tensor) bool { return x.Name == name })]
	}
	for want, change := range map[string]func(all []Tensor) []Tensor{
		"enc/conv1/kernel is missing": func(all []Tensor) []Tensor { return all[1:] },
		"dec/conv/bias is missing":    func(all []Tensor) []Tensor { return all[:len(all)-1] },
		`"file:dec/conv/bias" and "file:dec/conv/bias" would both be dec/conv/bias`: func(all []Tensor) []Tensor { return append(all, all[len(all)-1]) },
		`"odd" does not belong to this architecture`:                                func(all []Tensor) []Tensor { return append(all, Tensor{Name: "odd", Source: "odd"}) },
		`"file:enc/dense/kernel" has shape [6 392], enc/dense/kernel wants`: func(all []Tensor) []Tensor {
			at(all, "enc/dense/kernel").Shape = []int{6, 392}
			return all
		},
		`"file:enc/conv3/kernel" has shape [5 3 3 3], enc/conv3/kernel wants [3 3 3 out]: it looks transposed`: func(all []Tensor) []Tensor {
			at(all, "enc/conv3/kernel").Shape = []int{5, 3, 3, 3}
			return all
		},
		`"file:dec/dense/bias" has shape [391], dec/dense/bias wants [392]: is it another model?`: func(all []Tensor) []Tensor {
			x := at(all, "dec/dense/bias")
			x.Shape, x.Data = []int{391}, x.Data[:391]
			return all
		},
		`"file:enc/z_mean/bias" holds NaN at index 1`: func(all []Tensor) []Tensor {
			at(all, "enc/z_mean/bias").Data[1] = float32(math.NaN())
			return all
		},
		"has 2 values, its shape [3] wants 3": func(all []Tensor) []Tensor {
			x := at(all, "enc/z_mean/bias")
			x.Data = x.Data[:2]
			return all
		},
		"latent size is 0": func(all []Tensor) []Tensor {
			x := at(all, "enc/z_mean/kernel")
			x.Shape, x.Data = []int{6, 0}, nil
			return all
		},
	} {
		if _, err := Build(change(tensors(t))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestPermute(t *testing.T) {
	data := make([]float32, 2*3*4)
	for i := range data {
		data[i] = float32(i)
	}
	got, shape := Permute(data, []int{2, 3, 4}, []int{2, 0, 1})
	if !slices.Equal(shape, []int{4, 2, 3}) {
		t.Fatalf("shape %v", shape)
	}
	for i := range 4 {
		for j := range 2 {
			for k := range 3 {
				if got[(i*2+j)*3+k] != data[(j*3+k)*4+i] {
					t.Fatalf("element %d %d %d", i, j, k)
				}
			}
		}
	}
	back, shape := Permute(got, shape, []int{1, 2, 0})
	if !slices.Equal(back, data) || !slices.Equal(shape, []int{2, 3, 4}) {
		t.Error("the inverse order does not undo it")
	}
}
