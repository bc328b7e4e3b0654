package wasmopt

import (
	"fmt"
	"go/version"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
)

const tileKernel = "vaelab/tools/internal/wasmopt/testdata/tile/kernel"

// TestTile rewrites a program with a register tile. The folded one computes the same
// bits; the fused one computes nearly the same.
func TestTile(t *testing.T) {
	if version.Compare(runtime.Version(), "go1.27") < 0 {
		t.Skip("needs Go 1.27 for simd/archsimd on wasm")
	}
	path := build(t, "tile")
	wasm, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checkIdentity(t, wasm)
	want := runGo(t, path)

	s, err := RewriteFile(path, path+".simd", Options{Package: tileKernel})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(s)
	// The unrolled body alone has 15 loads of b and 28 of a at a distance. How many more
	// there are depends on the compiler.
	if s.Functions != 1 || s.Folded < 40 || s.Loops != 2 || s.Fused != 0 {
		t.Errorf("too little was done: %s", s)
	}
	if !validates(t, path+".simd") {
		t.Error("the engine finds the folded binary invalid")
	}
	if got := runGo(t, path+".simd"); got != want {
		t.Errorf("the folded binary prints\n%swant\n%s", got, want)
	}

	s, err = RewriteFile(path, path+".fma", Options{Package: tileKernel, FMA: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(s)
	if s.Fused != 72 {
		t.Errorf("%d multiply-adds fused, want all 72", s.Fused)
	}
	flags, ok := relaxedFlags()
	if !ok {
		t.Skip("this Node has no relaxed SIMD")
	}
	if !validates(t, path+".fma", flags...) {
		t.Error("the engine finds the fused binary invalid")
	}
	got := runGo(t, path+".fma", flags...)
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(gotLines) != len(wantLines) || len(wantLines) != 42 {
		t.Fatalf("%d lines, want %d, which should be 42", len(gotLines), len(wantLines))
	}
	for i := range 41 {
		var k int
		var crc string
		var a, b float64
		if _, err := fmt.Sscan(gotLines[i], &k, &crc, &a); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(wantLines[i], &k, &crc, &b); err != nil {
			t.Fatal(err)
		}
		// 32 sums of k ≤ 40 products below 1 in float32: the rounding of each is below 2⁻²⁰.
		if math.Abs(a-b) > 32*40*math.Ldexp(1, -20) {
			t.Errorf("depth %d: %g, want about %g", k, a, b)
		}
	}
}

// TestTorture rewrites every package of a program that uses much of the standard
// library, the runtime included: goroutines that switch in the middle of loops, stacks that
// move, panics that unwind, all on rebuilt control flow.
func TestTorture(t *testing.T) {
	path := build(t, "torture")
	wasm, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checkIdentity(t, wasm)
	want := runGo(t, path)
	m, err := Parse(wasm)
	if err != nil {
		t.Fatal(err)
	}
	var total Summary
	for _, f := range m.Funcs {
		if err := m.rewrite(f, Options{}, &total); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(&total)
	if total.Folded < 10000 || total.Loops < 1000 {
		t.Errorf("too little was done: %s", total)
	}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	rewritten := path + ".all"
	if err := os.WriteFile(rewritten, m.Encode(nil), 0o644); err != nil {
		t.Fatal(err)
	}
	if !validates(t, rewritten) {
		t.Error("the engine finds the binary invalid")
	}
	if got := runGo(t, rewritten); got != want {
		t.Errorf("it prints\n%swant\n%s", got, want)
	}
	if !strings.Contains(want, "integer divide by zero") {
		t.Errorf("the program itself did not finish:\n%s", want)
	}
}
