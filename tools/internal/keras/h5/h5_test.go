package h5

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func built(t testing.TB) []byte {
	t.Helper()
	b := NewBuilder()
	b.Texts("", "layer_names", []string{"a", "longer", ""})
	b.Dataset("layers/dense/vars/0", []int{2, 3}, []float32{1, 2, 3, 4, 5, math.MaxFloat32})
	b.Dataset("layers/dense/vars/1", []int{1}, []float32{-0.5})
	b.Text("layers/dense", "name", "z_mean")
	b.Group("layers/flatten/vars")
	b.Dataset("empty", []int{0}, nil)
	b.Link("decoder/layers/dense", "layers/dense")
	out, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	b := built(t)
	if !bytes.Equal(b, built(t)) {
		t.Error("the same calls make other bytes")
	}
	root, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := root.Attributes["layer_names"]; !slices.Equal(got, []string{"a", "longer", ""}) {
		t.Errorf("layer_names %q", got)
	}
	if got := root.At("layers/dense").Attributes["name"]; !slices.Equal(got, []string{"z_mean"}) {
		t.Errorf("name %q", got)
	}
	for _, path := range []string{"layers/dense/vars/0", "decoder/layers/dense/vars/0"} {
		d := root.At(path).Dataset
		values, err := d.Float32()
		if err != nil || !slices.Equal(d.Shape, []int{2, 3}) || !slices.Equal(values, []float32{1, 2, 3, 4, 5, math.MaxFloat32}) {
			t.Errorf("%s: %v %v %v", path, d.Shape, values, err)
		}
	}
	if root.At("layers/dense").Address != root.At("decoder/layers/dense").Address {
		t.Error("a link is not the same object")
	}
	if values, err := root.At("empty").Dataset.Float32(); err != nil || len(values) != 0 {
		t.Errorf("empty: %v %v", values, err)
	}
	if root.At("layers/flatten/vars") == nil || root.At("layers/none") != nil || root.At("layers/dense/vars/0/x") != nil {
		t.Error("At finds what is not there, or does not find what is")
	}
}

func TestBuilderRefuses(t *testing.T) {
	for want, do := range map[string]func(b *Builder){
		"its shape [2] wants 2": func(b *Builder) { b.Dataset("a", []int{2}, []float32{1}) },
		"is there already":      func(b *Builder) { b.Group("a"); b.Dataset("a", []int{1}, []float32{1}) },
		"is a dataset":          func(b *Builder) { b.Dataset("a", []int{1}, []float32{1}); b.Group("a") },
		"there is no \"b\"":     func(b *Builder) { b.Link("a", "b") },
		"64,000":                func(b *Builder) { b.Text("", "a", strings.Repeat("x", 65_000)) },
	} {
		b := NewBuilder()
		do(b)
		if _, err := b.Bytes(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestCycle lets a group be a member of itself: refused, not followed for ever.
func TestCycle(t *testing.T) {
	b := built(t)
	root, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	address := func(path string) []byte {
		return binary.LittleEndian.AppendUint64(nil, root.At(path).Address)
	}
	looped := bytes.ReplaceAll(b, address("layers/flatten/vars"), address("layers/flatten"))
	if bytes.Equal(looped, b) {
		t.Fatal("the link was not found")
	}
	if _, err := Read(looped); err == nil || !strings.Contains(err.Error(), "circles") {
		t.Errorf("%v, want a word of circles", err)
	}
}

// TestDamage changes single bytes; whatever happens, it is an error or a whole tree.
func TestDamage(t *testing.T) {
	good := built(t)
	b := slices.Clone(good)
	for at := range good {
		b[at] = []byte{0, 1, 0x7f, 0xff}[at%4]
		if root, err := Read(b); err == nil {
			readAll(root)
		}
		b[at] = good[at]
	}
}

func readAll(n *Node) {
	if n.Dataset != nil {
		n.Dataset.Float32()
	}
	for _, c := range n.Children {
		readAll(c)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(built(f))
	for _, name := range []string{"book.weights.h5", "keras2.h5"} {
		b, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		if root, err := Read(b); err == nil {
			readAll(root)
		}
	})
}
