package wasmopt

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFoldOffsets(t *testing.T) {
	const wrap = "i64.const 32; i64.add; i32.wrap_i64; "
	for _, c := range []struct{ name, in, want string }{
		{"v128 load", "local.get 2; " + wrap + "v128.load 0 0; drop", "local.get 2; i32.wrap_i64; v128.load 0 32; drop"},
		{"f32 load on top of an offset", "local.get 2; " + wrap + "f32.load 2 8; drop", "local.get 2; i32.wrap_i64; f32.load 2 40; drop"},
		{"narrow load", "local.get 2; " + wrap + "i64.load8_u 0 1; drop", "local.get 2; i32.wrap_i64; i64.load8_u 0 33; drop"},
		{"store of a local", "local.get 2; " + wrap + "local.get 3; v128.store 0 0", "local.get 2; i32.wrap_i64; local.get 3; v128.store 0 32"},
		{"store of a computation with a load of its own",
			"local.get 2; " + wrap + "local.get 2; " + wrap + "f64.load 3 0; f64.sqrt; f64.store 3 0",
			"local.get 2; i32.wrap_i64; local.get 2; i32.wrap_i64; f64.load 3 32; f64.sqrt; f64.store 3 32"},
		{"the largest offset", "local.get 2; i64.const 4000; i64.add; i32.wrap_i64; f32.load 2 96; drop", "local.get 2; i32.wrap_i64; f32.load 2 4096; drop"},
		{"two in a row", "local.get 2; " + wrap + "i64.load 3 0; " + wrap + "i64.load 3 0; drop",
			"local.get 2; i32.wrap_i64; i64.load 3 32; i32.wrap_i64; i64.load 3 32; drop"},

		{"sum too large", "local.get 2; i64.const 4000; i64.add; i32.wrap_i64; f32.load 2 97; drop", ""},
		{"constant too large", "local.get 2; i64.const 4097; i64.add; i32.wrap_i64; f32.load 2 0; drop", ""},
		{"negative constant", "local.get 2; i64.const -16; i64.add; i32.wrap_i64; f32.load 2 0; drop", ""},
		{"subtraction", "local.get 2; i64.const 16; i64.sub; i32.wrap_i64; f32.load 2 0; drop", ""},
		{"constant is not added to the address", "i64.const 16; local.get 2; i64.add; i32.wrap_i64; f32.load 2 0; drop", ""},
		{"address is kept in a local", "local.get 2; " + wrap + "local.tee 4; f32.load 2 0; drop", ""},
		{"address is the value stored", "local.get 5; " + wrap + "i32.store 2 0", ""},
		{"address is computed with", "local.get 2; " + wrap + "i32.const 1; i32.add; f32.load 2 0; drop", ""},
		{"address is a fill's", "local.get 2; " + wrap + "i32.const 0; i32.const 8; memory.fill", ""},
		{"a block begins before the store", "local.get 2; " + wrap + "block; end; local.get 3; v128.store 0 0", ""},
		{"a call before the store", "local.get 2; " + wrap + "local.get 5; call 0; i32.store 2 0", ""},
		{"a branch before the load", "local.get 2; " + wrap + "br 0; f32.load 2 0; drop", ""},
	} {
		if c.want == "" {
			c.want = c.in
		}
		code, n := foldOffsets(assemble(t, c.in))
		code, _ = dropNops(code)
		if got := text(code); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if (n == 0) != (c.want == c.in) {
			t.Errorf("%s: %d folded", c.name, n)
		}
	}
}

// TestFoldedAddress checks MaxOffset's proof: for every p, the folded access touches
// the same bytes whenever the original touches an address from 4096 on.
func TestFoldedAddress(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		p := r.Uint64()
		switch r.IntN(3) {
		case 0: // around the ends of memory
			p = uint64(r.Int64N(20000)) - 10000
		case 1:
			p = 1<<32 + uint64(r.Int64N(20000)) - 10000
		}
		c := uint64(r.Int64N(MaxOffset + 1))
		o := uint64(r.Int64N(int64(MaxOffset - c + 1)))
		original := uint64(uint32(p+c)) + o
		folded := uint64(uint32(p)) + c + o
		if original >= 4096 && original != folded {
			t.Fatalf("p %#x, c %d, o %d: %#x became %#x", p, c, o, original, folded)
		}
	}
}

func TestFuse(t *testing.T) {
	const mul, add, sub = "f32x4.mul; ", "f32x4.add; ", "f32x4.sub; "
	// Locals 10 to 15 are vectors; 20 and up are new.
	const x, y, c = "local.get 10; ", "local.get 11; ", "local.get 12; "
	const madd, nmadd = "f32x4.relaxed_madd; ", "f32x4.relaxed_nmadd; "
	const set = "local.set 13; "
	for _, k := range []struct {
		name, in, want string
		locals         int
	}{
		{"accumulator last", x + y + mul + c + add + set, x + y + c + madd + set, 0},
		{"a computation last", x + y + mul + "i32.const 8; v128.load 0 0; f32x4.abs; " + add + set,
			x + y + "i32.const 8; v128.load 0 0; f32x4.abs; " + madd + set, 0},
		{"accumulator first", c + x + y + mul + add + set, x + y + c + madd + set, 0},
		{"accumulator teed first", c + "f32x4.abs; local.tee 14; " + x + y + mul + add + set,
			c + "f32x4.abs; local.set 14; " + x + y + "local.get 14; " + madd + set, 0},
		{"accumulator first, then written", c + x + "local.tee 12; " + y + mul + add + set,
			c + "local.set 20; " + x + "local.tee 12; " + y + "local.get 20; " + madd + set, 1},
		{"a computation first", c + "f32x4.abs; " + x + y + mul + add + set, c + "f32x4.abs; local.set 20; " + x + y + "local.get 20; " + madd + set, 1},
		{"chain on the stack", c + x + y + mul + add + x + x + mul + add + set,
			x + y + c + madd + "local.set 20; " + x + x + "local.get 20; " + madd + set, 1},
		{"sum of two products", x + y + mul + c + c + mul + add + set, x + y + c + c + mul + madd + set, 0},
		{"subtracted product", c + x + y + mul + sub + set, x + y + c + nmadd + set, 0},
		{"product through a local, first", x + y + mul + "local.set 14; local.get 14; " + c + add + set,
			x + y + "local.set 21; local.tee 20; local.get 21; " + mul + "local.set 14; local.get 20; local.get 21; " + c + madd + set, 2},
		{"product through a local, second", x + y + mul + "local.set 14; " + c + "local.get 14; " + add + set,
			x + y + "local.set 21; local.tee 20; local.get 21; " + mul + "local.set 14; " + c + "local.set 22; local.get 20; local.get 21; local.get 22; " + madd + set, 3},

		{"product minus something", x + y + mul + c + sub + set, "", 0},
		{"product of a product", x + y + mul + c + mul + set, "", 0},
		{"other lanes", x + y + "f64x2.mul; " + c + "f64x2.add; " + set, "", 0},
		{"mixed lanes", x + y + mul + c + "f64x2.add; " + set, "", 0},
		{"product kept", x + y + mul + "local.tee 14; " + c + add + set, "", 0},
		{"product's local written again", x + y + mul + "local.set 14; " + x + "local.set 14; " + c + "local.get 14; " + add + set, "", 0},
		{"product through a local, over a block", x + y + mul + "local.set 14; block; end; " + c + "local.get 14; " + add + set, "", 0},
		{"block between", x + y + mul + "block; end; " + c + add + set, "", 0},
		{"product of another block", "block; " + x + y + mul + set + "end; " + c + x + add + set, "", 0},
	} {
		if k.want == "" {
			k.want = k.in
		}
		in := assemble(t, k.in)
		out, n, locals := fuse(in, 20)
		if got, want := text(out), strings.TrimSuffix(k.want, "; "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", k.name, got, want)
		}
		if locals != k.locals {
			t.Errorf("%s: %d new locals, want %d", k.name, locals, k.locals)
		}
		if (n == 0) != (k.want == k.in) {
			t.Errorf("%s: %d fused", k.name, n)
		}
		if got, want := text(in), strings.TrimSuffix(k.in, "; "); got != want {
			t.Errorf("%s: the input was changed to %s", k.name, got)
		}
	}
}

// loopFunc sums 1 … local 0's square in two nested loops laid out as Go does, and
// calls itself nowhere: PC_B 0 is the entry.
//
//	seg 0: i = 3, s = 0, jump 4     seg 1 (outer head): j = 4, jump 3
//	seg 2 (inner head): s += i*j, j--    seg 3: if j > 0 jump 2; i--
//	seg 4: if i > 0 jump 1          seg 5: return s
const loopFunc = `
loop; block; block; block; block; block; block;
local.get 0; br_table 0 1 2 3 4 5 5; end;
i64.const 3; local.set 1; i32.const 4; local.set 0; br 5; end;
i64.const 4; local.set 2; i32.const 3; local.set 0; br 4; end;
local.get 3; local.get 1; local.get 2; i64.mul; i64.add; local.set 3;
local.get 2; i64.const 1; i64.sub; local.set 2; end;
local.get 2; i64.eqz; i32.eqz; if; i32.const 2; local.set 0; br 3; end;
local.get 1; i64.const 1; i64.sub; local.set 1; end;
local.get 1; i64.eqz; i32.eqz; if; i32.const 1; local.set 0; br 2; end; end;
local.get 3; i32.wrap_i64; return; end; unreachable`

func TestStructure(t *testing.T) {
	input := module(t, "Go", testFunc{"vaelab_core_kernel.sum", []Locals{{3, 'I'}}, loopFunc})
	output, s, err := Rewrite(input, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Loops != 2 {
		t.Errorf("%d loops, want 2", s.Loops)
	}
	code := functionCode(t, output)
	dispatches := 0
	for i := range code {
		if code[i].Op == opLocalSet && code[i].A == 0 {
			dispatches++
		}
	}
	// One is left, in the copy of the inner condition that only someone who comes in
	// through the br_table runs.
	if dispatches != 1 {
		t.Errorf("%d jumps still go through the br_table, want 1:\n%s", dispatches, text(code))
	}
	// (3+2+1)·(4+3+2+1) = 60 from the entry; entered at the end with nothing set, 0.
	for _, wasm := range [][]byte{input, output} {
		if got := runExport(t, wasm, 0); got != "60" {
			t.Errorf("sum is %s, want 60", got)
		}
		if got := runExport(t, wasm, 5); got != "0" {
			t.Errorf("entered at the last segment: %s, want 0", got)
		}
	}
}

func TestStructureLeavesOthersAlone(t *testing.T) {
	for name, in := range map[string]string{
		"no dispatcher":             "loop; local.get 0; br_if 0; end; i32.const 0",
		"branch to a segment's end": strings.Replace(loopFunc, "i64.const 4; local.set 2; i32.const 3; local.set 0; br 4", "br 1", 1),
		"no value of PC_B":          strings.Replace(loopFunc, "br_table 0 1 2 3 4 5 5", "br_table 0 0 0 3 4 5 5", 1),
	} {
		if name == "no value of PC_B" {
			// The jumps name segments 0 and 3 only; that is still a valid program.
			if _, _, err := Rewrite(module(t, "Go", testFunc{"vaelab_core_kernel.f", []Locals{{3, 'I'}}, in}), Options{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		code := assemble(t, in)
		out, n := structure(code)
		if n != 0 || text(out) != text(assemble(t, in)) {
			t.Errorf("%s: %d loops, %s", name, n, text(out))
		}
	}
	// A structured function stays as it is.
	once, _ := structure(assemble(t, loopFunc))
	twice, n := structure(once)
	if n != 0 || text(once) != text(twice) {
		t.Errorf("structured twice: %d loops", n)
	}
}

func functionCode(t *testing.T, wasm []byte) []Instr {
	t.Helper()
	m, err := Parse(wasm)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Funcs[0].Decode()
	if err != nil {
		t.Fatal(err)
	}
	return b.Code
}

func TestLoadSplats(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"load and splat", "local.get 5; f32.load 2 8; f32x4.splat; drop", "local.get 5; v128.load32_splat 2 8; drop"},
		{"integer load", "local.get 5; i32.load 2 8; i32x4.splat; drop", ""},
		{"the float is needed elsewhere", "local.get 5; f32.load 2 8; local.tee 6; f32x4.splat; drop", ""},
		{"splat of a local", "local.get 6; f32x4.splat; drop", ""},
	} {
		if c.want == "" {
			c.want = c.in
		}
		code, _ := loadSplats(assemble(t, c.in))
		code, _ = dropNops(code)
		if got := text(code); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
