package onnx

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vaelab/core"
)

// small is an architecture without two equal sizes.
var small = core.Config{Latent: 3, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7}

func newModel(t testing.TB, cfg core.Config) *core.Model {
	t.Helper()
	m, err := core.NewModel(cfg, 11)
	if err != nil {
		t.Fatal(err)
	}
	for _, tensor := range m.Tensors() {
		for i := range tensor.Data {
			if len(tensor.Shape) == 1 {
				tensor.Data[i] = float32(i%13-6) / 64
			}
		}
	}
	m.Changed()
	return m
}

func written(t testing.TB, m *core.Model, part Part, objective string) []byte {
	t.Helper()
	b, err := Write(m, part, objective, map[string]string{"data": "MNIST"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantBits(t *testing.T, got, want *core.Model) {
	t.Helper()
	if got.Config() != want.Config() {
		t.Fatalf("architecture %+v, want %+v", got.Config(), want.Config())
	}
	w := want.Tensors()
	for i, g := range got.Tensors() {
		for j := range g.Data {
			if math.Float32bits(g.Data[j]) != math.Float32bits(w[i].Data[j]) {
				t.Fatalf("%s[%d] is %v, want %v", g.Name, j, g.Data[j], w[i].Data[j])
			}
		}
	}
}

// TestWriteForFixtures writes the model that testdata/make.py takes, where it is asked for.
func TestWriteForFixtures(t *testing.T) {
	path := os.Getenv("VAELAB_ONNX_OUT")
	if path == "" {
		t.Skip("VAELAB_ONNX_OUT names no file for testdata/make.py")
	}
	if err := os.WriteFile(path, written(t, newModel(t, small), VAE, "elbo"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, cfg := range []core.Config{small, {Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1}, {Latent: 16, Hidden: 5, Encoder: [4]int{5, 5, 5, 5}, Decoder: 5}} {
		m := newModel(t, cfg)
		for _, objective := range []string{"seed", "elbo"} {
			var files []*File
			for _, part := range []Part{VAE, Encoder, Decoder} {
				b := written(t, m, part, objective)
				if !Looks(b) {
					t.Error("Looks does not know the file")
				}
				f, err := Read(b)
				if err != nil {
					t.Fatalf("%+v %s %s: %v", cfg, part, objective, err)
				}
				if f.Part != part || f.Metadata["objective"] != objective || f.Metadata["data"] != "MNIST" {
					t.Errorf("read part %s, metadata %v", f.Part, f.Metadata)
				}
				files = append(files, f)
			}
			whole, err := Assemble(files[0])
			if err != nil {
				t.Fatal(err)
			}
			wantBits(t, whole, m)
			both, err := Assemble(files[2], files[1])
			if err != nil {
				t.Fatal(err)
			}
			wantBits(t, both, m)
			if !bytes.Equal(written(t, whole, VAE, objective), written(t, m, VAE, objective)) {
				t.Error("the same model makes another file")
			}
		}
	}
}

func TestAssembleRefuses(t *testing.T) {
	m := newModel(t, small)
	read := func(m *core.Model, part Part) *File {
		f, err := Read(written(t, m, part, "elbo"))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	other := newModel(t, core.Config{Latent: 4, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7})
	for want, files := range map[string][]*File{
		"encoder alone":              {read(m, Encoder)},
		"decoder alone":              {read(m, Decoder)},
		"these files are vae, vae":   {read(m, VAE), read(m, VAE)},
		"dec/dense/kernel wants [3 ": {read(m, Encoder), read(other, Decoder)},
	} {
		if _, err := Assemble(files...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Write(m, VAE, "none", nil); err == nil {
		t.Error("an unknown objective was taken")
	}
	if _, err := Write(m, "half", "elbo", nil); err == nil {
		t.Error("an unknown part was taken")
	}
}

// TestRefusals changes one thing of a good graph at a time.
func TestRefusals(t *testing.T) {
	for want, change := range map[string]func(m *model){
		"inputs are [\"images\"]":                                 func(m *model) { m.graph.inputs = []value{{"images", []int{3, 224, 224}}} },
		"node 1 is MaxPool":                                       func(m *model) { m.graph.nodes[0].op = "MaxPool" },
		"pads [1 1 0 0], strides [2 2], want Conv":                func(m *model) { m.graph.nodes[2].ints["pads"] = []int64{1, 1, 0, 0} },
		"one too many":                                            func(m *model) { m.graph.nodes = append(m.graph.nodes, node{op: "Relu", outputs: []string{"q"}}) },
		"is missing: is it another model?":                        func(m *model) { m.graph.nodes = m.graph.nodes[:20] },
		`tensor "enc/conv2/bias" is missing`:                      func(m *model) { m.graph.tensors = append(m.graph.tensors[:3:3], m.graph.tensors[4:]...) },
		`tensor "extra" is unknown`:                               func(m *model) { m.graph.tensors = append(m.graph.tensors, tensor{name: "extra", data: []float32{1}}) },
		`tensor "enc/conv1/kernel" has shape [3 3 1 4], want [4 `: func(m *model) { m.graph.tensors[0].shape = []int{3, 3, 1, 4} },
		`"dec/shape" has another value`: func(m *model) {
			for i := range m.graph.tensors {
				if m.graph.tensors[i].name == "dec/shape" {
					m.graph.tensors[i].ints = []int64{-1, 14, 14, 2}
				}
			}
		},
		`"sampling/half" has another value`: func(m *model) {
			for i := range m.graph.tensors {
				if m.graph.tensors[i].name == "sampling/half" {
					m.graph.tensors[i].data = []float32{1}
				}
			}
		},
		"outputs are": func(m *model) { m.graph.outputs = m.graph.outputs[:1] },
	} {
		m, err := decodeModel(written(t, newModel(t, small), VAE, "elbo"))
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		if _, err := Read(m.encode("test", "")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestFilesByOthers reads what the onnx package wrote (testdata/make.py).
func TestFilesByOthers(t *testing.T) {
	read := func(name string) (*File, error) {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return Read(b)
	}
	f, err := read("resaved.onnx")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Assemble(f)
	if err != nil {
		t.Fatal(err)
	}
	wantBits(t, m, newModel(t, small))
	for name, want := range map[string]string{
		"half.onnx":       `tensor "enc/conv1/kernel" holds float16 (half precision): want float32`,
		"shifted.onnx":    "output_padding [1 1], pads [1 1 1 1]",
		"classifier.onnx": `inputs are ["input"]`,
	} {
		if _, err := read(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestCutOff(t *testing.T) {
	b := written(t, newModel(t, core.Config{Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1}), VAE, "seed")
	graphEnds := len(b) - 100 // behind it stand opset and metadata
	for n := range graphEnds {
		if _, err := Read(b[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were taken", n, len(b))
		}
	}
}

func FuzzRead(f *testing.F) {
	m := newModel(f, core.Config{Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1})
	for _, part := range []Part{VAE, Encoder, Decoder} {
		f.Add(written(f, m, part, "elbo"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(b)
		if err != nil {
			return
		}
		if m, err := Assemble(file); err == nil && m.Config().Validate() != nil {
			t.Fatal("an invalid model was made")
		}
	})
}
