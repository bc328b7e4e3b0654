// Command gen writes the register tiles of every vector width from the
// templates beside it: `go generate ./core/kernel`.
package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed *.tmpl
var sources embed.FS

// width is what differs between the packages. Unroll is the number of steps of
// the innermost loop that stand in a straight line: in wasm a jump costs about
// 4 ns and spills the accumulators, natively the loop predictor hides it.
type width struct {
	Lanes      int
	Tag        string
	Unroll     int // channels per iteration of a convolution
	UnrollRow  int // pixels per iteration of a filter gradient: divides 14
	UnrollWalk int // the same over operands that were not laid out: divides 28 and Winograd's 16 tiles
}

var widths = []width{
	{Lanes: 1, Unroll: 2, UnrollRow: 2, UnrollWalk: 2},
	{Lanes: 4, Tag: "goexperiment.simd && go1.27 && (wasm || arm64)", Unroll: 16, UnrollRow: 14, UnrollWalk: 4},
	{Lanes: 8, Tag: "goexperiment.simd && go1.27 && amd64", Unroll: 8, UnrollRow: 7, UnrollWalk: 4},
	{Lanes: 16, Tag: "goexperiment.simd && go1.27 && amd64", Unroll: 8, UnrollRow: 7, UnrollWalk: 4},
}

// The compiler orders the instructions of a block by their position in the source,
// and what is inlined counts as one source a call, numbered level by level: first
// the function itself, then the calls in it, then the calls in those. In the
// innermost loops every operation is therefore exactly one call deep. Were one of
// them written out and the next inlined, the compiler would move all of the first
// kind to the top of the unrolled body, thirty loads in a row, and spill them. That
// holds for the sum of a pointer and an offset as well, which wasm's back end does not
// fold into the load: it stands inside loadAt and scalarAt.

// Load is the vector at pointer p plus an offset in bytes.
func (w width) Load(p string, offset int) string { return fmt.Sprintf("loadAt(%s, %d)", p, offset) }

// Splat is the float at pointer p plus an offset, in every lane.
func (w width) Splat(p string, offset int) string {
	x := fmt.Sprintf("scalarAt(%s, %d)", p, offset)
	if w.Lanes == 1 {
		return x
	}
	return fmt.Sprintf("archsimd.BroadcastFloat32x%d(%s)", w.Lanes, x)
}

// MulAdd is x·y + z.
func (w width) MulAdd(x, y, z string) string { return "fma(" + x + ", " + y + ", " + z + ")" }

// Imports is what every source imports.
func (w width) Imports(more ...string) string {
	list := append([]string{"unsafe"}, more...)
	if w.Lanes > 1 {
		list = append(list, "simd/archsimd")
	}
	slices.Sort(list)
	s := "import (\n"
	for _, i := range list {
		s += strconv.Quote(i) + "\n"
	}
	return s + "\n\"vaelab/core/kernel/lane\"\n)\n"
}

var functions = template.FuncMap{
	"upto": func(n int) []int {
		s := make([]int, n)
		for i := range s {
			s[i] = i
		}
		return s
	},
	"mul": func(a ...int) int {
		p := 1
		for _, x := range a {
			p *= x
		}
		return p
	},
	"add": func(a, b int) int { return a + b },
	"id": func(s string, i int, more ...int) string {
		return s + strconv.Itoa(i) + strings.Trim(fmt.Sprint(more), "[]")
	},
}

func main() {
	log.SetFlags(0)
	t, err := template.New("").Funcs(functions).ParseFS(sources, "*.tmpl")
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range widths {
		for _, s := range t.Templates() {
			if filepath.Ext(s.Name()) != ".tmpl" {
				continue
			}
			var b bytes.Buffer
			fmt.Fprintf(&b, "// Code generated from core/kernel/gen/%s by go generate. DO NOT EDIT.\n\n", s.Name())
			if w.Tag != "" {
				fmt.Fprintf(&b, "//go:build %s\n\n", w.Tag)
			}
			fmt.Fprintf(&b, "package lanes%d\n\n", w.Lanes)
			if err := s.Execute(&b, w); err != nil {
				log.Fatal(err)
			}
			src, err := format.Source(b.Bytes())
			if err != nil {
				log.Fatalf("%s: %v\n%s", s.Name(), err, b.Bytes())
			}
			name := s.Name()[:len(s.Name())-len(".tmpl")]
			path := filepath.Join(fmt.Sprintf("lanes%d", w.Lanes), name+"_gen.go")
			if err := os.WriteFile(path, src, 0o644); err != nil {
				log.Fatal(err)
			}
		}
	}
}
