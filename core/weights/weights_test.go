package weights

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func sample() *File {
	return &File{
		Tensors: []Tensor{
			{"enc/conv1/kernel", []int{3, 1, 2}, []float32{1, 2, 3, -4, 0.5, 1e-45}},
			{"b", []int{1}, []float32{float32(math.Copysign(0, -1))}},
			{"scalar", []int{}, []float32{math.MaxFloat32}},
			{"empty", []int{0, 7}, []float32{}},
			{"quote\" \\ é 😀 \x01", []int{2}, []float32{7, 8}},
		},
		Metadata: map[string]string{"z": "last", "a": "first\n\t\"\x1f\u2028", "": "é", "😀": ""},
	}
}

// same compares values bit by bit: −0 is not 0, and NaN is NaN.
func same(a, b *File) bool {
	return slices.EqualFunc(a.Tensors, b.Tensors, func(x, y Tensor) bool {
		return x.Name == y.Name && slices.Equal(x.Shape, y.Shape) && slices.EqualFunc(x.Data, y.Data, func(v, w float32) bool {
			return math.Float32bits(v) == math.Float32bits(w)
		})
	}) && len(a.Metadata) == len(b.Metadata) && func() bool {
		for k, v := range a.Metadata {
			if w, ok := b.Metadata[k]; !ok || v != w {
				return false
			}
		}
		return true
	}()
}

func TestRoundTrip(t *testing.T) {
	for name, f := range map[string]*File{
		"sample":      sample(),
		"nothing":     {},
		"no tensors":  {Metadata: map[string]string{"k": "v"}},
		"no metadata": {Tensors: sample().Tensors[:2]},
	} {
		b, err := Encode(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := Decode(b, "FILE")
		if err != nil || !same(got, f) {
			t.Errorf("%s: %+v came back as %+v, error %v", name, f, got, err)
		}
		for range 10 { // map order changes from call to call
			if again, _ := Encode(f); !bytes.Equal(again, b) {
				t.Fatalf("%s: two encodings differ", name)
			}
		}
		if header := int(b[0]) | int(b[1])<<8; header%8 != 0 {
			t.Errorf("%s: the header is %d bytes long, want a multiple of 8", name, header)
		}
	}
	if x, ok := sample().Tensor("b"); !ok || x.Name != "b" {
		t.Error("tensor b was not found")
	}
	if _, ok := sample().Tensor("B"); ok {
		t.Error("tensor B was found, there is none")
	}
}

func TestGoldenBytes(t *testing.T) {
	b, err := Encode(&File{
		Tensors:  []Tensor{{"w", []int{1, 2}, []float32{1, -2}}},
		Metadata: map[string]string{"b": "2", "a": "1"},
	})
	header := `{"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}` + "       "
	want := "\x60\x00\x00\x00\x00\x00\x00\x00" + header + "\x00\x00\x80\x3f\x00\x00\x00\xc0"
	if err != nil || string(b) != want {
		t.Errorf("got %q, error %v; want %q", b, err, want)
	}
}

// TestPythonFile reads what the Python package wrote (testdata/make_tiny.py).
func TestPythonFile(t *testing.T) {
	b, err := os.ReadFile("testdata/tiny.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Decode(b, "tiny.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	kernel := make([]float32, 18)
	for i := range kernel {
		kernel[i] = float32(i)/8 - 1
	}
	for _, want := range []Tensor{
		{"enc/conv1/kernel", []int{3, 3, 1, 2}, kernel},
		{"enc/conv1/bias", []int{2}, []float32{float32(math.Copysign(0, -1)), math.MaxFloat32}},
		{"scalar", []int{}, []float32{1e-45}},
		{"empty", []int{0, 3}, []float32{}},
		{"name \"quoted\" \\ é 😀", []int{1, 3}, []float32{1, 2, 3}},
	} {
		got, ok := f.Tensor(want.Name)
		if !ok || !same(&File{Tensors: []Tensor{got}}, &File{Tensors: []Tensor{want}}) {
			t.Errorf("tensor %q is %+v, want %+v", want.Name, got, want)
		}
	}
	meta := &File{Metadata: map[string]string{"vaelab.config": `{"latent":2}`, "control": "tab\tline\nbell\x07", "emoji 😀": "naïve"}}
	if len(f.Tensors) != 5 || !same(&File{Metadata: f.Metadata}, meta) {
		t.Errorf("%d tensors and metadata %q, want 5 and %q", len(f.Tensors), f.Metadata, meta.Metadata)
	}

	b, err = os.ReadFile("testdata/mixed.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Decode(b, "mixed.safetensors")
	if err == nil || !strings.Contains(err.Error(), `"half" is "F16"`) || !strings.Contains(err.Error(), `"count" is "I64"`) || strings.Contains(err.Error(), "whole") {
		t.Errorf("error %v, want one that names half and count but not whole", err)
	}
}

func TestNonFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		f := sample()
		f.Tensors[0].Data[4] = float32(v)
		if _, err := Encode(f); err == nil || !strings.Contains(err.Error(), `"enc/conv1/kernel" holds`) || !strings.Contains(err.Error(), "index 4") {
			t.Errorf("Encode of %g: error %v, want one with the tensor and index 4", v, err)
		}
		b, err := Encode(f, AllowNonFinite)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(b, "FILE"); err == nil || !strings.Contains(err.Error(), `FILE: tensor "enc/conv1/kernel" holds`) || !strings.Contains(err.Error(), "index 4") {
			t.Errorf("Decode of %g: error %v, want one with the file, the tensor and index 4", v, err)
		}
		if got, err := Decode(b, "FILE", AllowNonFinite); err != nil || !same(got, f) {
			t.Errorf("%g did not come back: %+v, %v", v, got, err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	one := []float32{1}
	for _, c := range []struct {
		f    File
		want string
	}{
		{File{Tensors: []Tensor{{"", []int{1}, one}}}, "tensor number 0 has no name"},
		{File{Tensors: []Tensor{{"__metadata__", []int{1}, one}}}, "__metadata__"},
		{File{Tensors: []Tensor{{"a", []int{1}, one}, {"a", []int{1}, one}}}, `two tensors are called "a"`},
		{File{Tensors: []Tensor{{"a\xff", []int{1}, one}}}, "not valid UTF-8"},
		{File{Tensors: []Tensor{{"a", []int{2, 3}, one}}}, `"a" has 1 values, which do not fill its shape [2 3]`},
		{File{Tensors: []Tensor{{"a", []int{-1}, one}}}, "shape [-1]"},
		{File{Tensors: []Tensor{{"a", []int{1 << 31, 1 << 31, 4}, nil}}}, "do not fill"},
		{File{Tensors: []Tensor{{"a", make([]int, 17), nil}}}, "17 dimensions"},
		{File{Metadata: map[string]string{"k": "\xc3"}}, `metadata "k" is not valid UTF-8`},
	} {
		if b, err := Encode(&c.f); err == nil || b != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestPythonReads hands our bytes to the Python package, where there is one:
// VAELAB_PYTHON names an interpreter that can import safetensors and numpy.
func TestPythonReads(t *testing.T) {
	python := os.Getenv("VAELAB_PYTHON")
	if python == "" {
		t.Skip("VAELAB_PYTHON is not set")
	}
	b, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/sample.safetensors"
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	const script = `
import sys, numpy as np
from safetensors import safe_open
f = safe_open(sys.argv[1], "np")
assert f.metadata() == {"z": "last", "a": "first\n\t\"\x1f\u2028", "": "é", "😀": ""}, f.metadata()
k = f.get_tensor("enc/conv1/kernel")
assert k.shape == (3, 1, 2) and k.dtype == np.float32 and k.ravel().tolist() == np.float32([1, 2, 3, -4, .5, 1e-45]).tolist(), k
assert f.get_tensor("scalar").shape == () and f.get_tensor("empty").shape == (0, 7)
assert f.get_tensor("quote\" \\ é 😀 \x01").tolist() == [7, 8]
`
	if out, err := exec.Command(python, "-c", script, path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
