package torch

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vaelab/core"
	"vaelab/core/weights"
)

func TestRoundTrip(t *testing.T) {
	for _, cfg := range []core.Config{
		{Latent: 3, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7},
		{Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1},
		{Latent: 8, Hidden: 8, Encoder: [4]int{8, 8, 8, 8}, Decoder: 8},
	} {
		want, err := core.NewModel(cfg, 3)
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range want.Tensors() {
			for i := range x.Data {
				x.Data[i] += float32(k+i%7) / 16
			}
		}
		b, err := Write(want, map[string]string{"objective": "seed"})
		if err != nil {
			t.Fatal(err)
		}
		f, err := weights.Decode(b, "state")
		if err != nil {
			t.Fatal(err)
		}
		if !Recognises(f) || f.Metadata["objective"] != "seed" {
			t.Errorf("metadata %v", f.Metadata)
		}
		got, err := Read(f)
		if err != nil {
			t.Fatal(err)
		}
		if got.Config() != cfg {
			t.Fatalf("architecture %+v, want %+v", got.Config(), cfg)
		}
		for i, x := range got.Tensors() {
			for j := range x.Data {
				if math.Float32bits(x.Data[j]) != math.Float32bits(want.Tensors()[i].Data[j]) {
					t.Fatalf("%s[%d] differs", x.Name, j)
				}
			}
		}
	}
}

// TestLayouts checks single elements against the definition of PyTorch's layouts.
func TestLayouts(t *testing.T) {
	m, err := core.NewModel(core.Config{Latent: 3, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7}, 3)
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string][]float32{}
	for _, x := range m.Tensors() {
		ours[x.Name] = x.Data
	}
	b, err := Write(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Decode(b, "state")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		shape []int
		at    int
		want  float32
	}{
		{"conv3.weight", []int{5, 3, 3, 3}, ((4*3+2)*3+1)*3 + 0, ours["enc/conv3/kernel"][((1*3+0)*3+2)*5+4]},    // out 4, in 2, row 1, column 0
		{"deconv.weight", []int{2, 7, 3, 3}, ((1*7+5)*3+2)*3 + 1, ours["dec/deconv/kernel"][((2*3+1)*7+5)*2+1]},  // in 1, out 5, row 2, column 1
		{"dense.weight", []int{6, 392}, 5*392 + (1*14+3)*14 + 9, ours["enc/dense/kernel"][((3*14+9)*2+1)*6+5]},   // unit 5; channel 1, row 3, column 9
		{"dec_dense.weight", []int{392, 3}, ((1*14+3)*14+9)*3 + 2, ours["dec/dense/kernel"][2*392+(3*14+9)*2+1]}, // the same feature; latent 2
		{"z_log_var.weight", []int{3, 6}, 2*6 + 4, ours["enc/z_log_var/kernel"][4*3+2]},
	} {
		x, ok := f.Tensor(c.name)
		if !ok || !slices.Equal(x.Shape, c.shape) || x.Data[c.at] != c.want {
			t.Errorf("%s: shape %v, want %v; element %v, want %v", c.name, x.Shape, c.shape, x.Data[c.at], c.want)
		}
	}
}

// TestReadWhatTorchWrote reads a state dict that PyTorch has saved.
func TestReadWhatTorchWrote(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "torch.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.Decode(b, "torch")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	for k, x := range m.Tensors() {
		for i, v := range x.Data {
			if want := float32((1009*k+31*i)%2003-1001) / 2048; v != want { // keras/testdata/weights.py
				t.Fatalf("%s[%d] is %v, want %v", x.Name, i, v, want)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for want, file := range map[string]weights.File{
		`"fc.weight" does not belong to the module`:                    {Tensors: []weights.Tensor{{Name: "fc.weight", Shape: []int{1}, Data: []float32{1}}}},
		`"conv1.gamma" does not belong`:                                {Tensors: []weights.Tensor{{Name: "conv1.gamma", Shape: []int{1}, Data: []float32{1}}}},
		`"conv1.weight" has shape [1], want [out in 3 3]`:              {Tensors: []weights.Tensor{{Name: "conv1.weight", Shape: []int{1}, Data: []float32{1}}}},
		`"dense.weight" has shape [1 3], want [hidden channels·14·14]`: {Tensors: []weights.Tensor{{Name: "dense.weight", Shape: []int{1, 3}, Data: make([]float32, 3)}}},
		"enc/conv1/kernel is missing":                                  {Tensors: []weights.Tensor{{Name: "conv1.bias", Shape: []int{1}, Data: []float32{1}}}},
	} {
		if _, err := Read(&file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestModuleIsMarked(t *testing.T) {
	if !bytes.HasPrefix(Module, []byte("# Written by VAE Lab")) {
		t.Error("the module does not say who wrote it, so that export would not dare to replace it")
	}
}
