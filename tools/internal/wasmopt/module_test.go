package wasmopt

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const trivial = "local.get 0"

// checkIdentity decodes and encodes every function and the module.
func checkIdentity(t testing.TB, wasm []byte) {
	t.Helper()
	m, err := Parse(wasm)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Encode(nil), wasm) {
		t.Error("the module's encoding differs from what was read")
	}
	for _, f := range m.Funcs {
		b, err := f.Decode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Encode(), f.body) {
			t.Errorf("%s: the encoding differs from what was read", f)
		}
		// Without the bytes that were read, the encoding must mean the same. (It may be
		// shorter: the linker pads function indices.)
		for i := range b.Code {
			b.Code[i].Raw = nil
		}
		again, err := DecodeBody(b.Encode(), 0)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for i := range again.Code {
			again.Code[i].Raw = nil
		}
		if !reflect.DeepEqual(b, again) {
			t.Errorf("%s: decodes to something else", f)
		}
	}
}

func TestIdentity(t *testing.T) {
	checkIdentity(t, module(t, "Go", testFunc{"main.f", []Locals{{2, 'v'}, {1, 'F'}}, trivial}))
}

// TestOpTable holds the tables against numbers from the specification, at the end of every run.
func TestOpTable(t *testing.T) {
	for op, want := range map[Op]string{
		0x28: "i32.load", 0x3e: "i64.store32", 0x40: "memory.grow", 0x44: "f64.const", 0x45: "i32.eqz", 0x66: "f64.ge",
		0x8a: "i64.rotr", 0x98: "f32.copysign", 0xa6: "f64.copysign", 0xa7: "i32.wrap_i64", 0xbf: "f64.reinterpret_i64", 0xc4: "i64.extend32_s",
		0xfc0007: "i64.trunc_sat_f64_u", 0xfc000b: "memory.fill",
		0xfd000b: "v128.store", 0xfd000d: "i8x16.shuffle", 0xfd0014: "f64x2.splat", 0xfd0022: "f64x2.replace_lane", 0xfd0041: "f32x4.eq",
		0xfd004c: "f64x2.ge", 0xfd0053: "v128.any_true", 0xfd005b: "v128.store64_lane", 0xfd005d: "v128.load64_zero", 0xfd0069: "f32x4.trunc",
		0xfd0095: "i16x8.mul", 0xfd00b5: "i32x4.mul", 0xfd00d5: "i64x2.mul", 0xfd00e0: "f32x4.abs", 0xfd00e4: "f32x4.add", 0xfd00e5: "f32x4.sub",
		0xfd00e6: "f32x4.mul", 0xfd00e9: "f32x4.max", 0xfd00f2: "f64x2.mul", 0xfd00ff: "f64x2.convert_low_i32x4_u",
		0xfd0105: "f32x4.relaxed_madd", 0xfd0106: "f32x4.relaxed_nmadd", 0xfd0113: "i32x4.relaxed_dot_i8x16_i7x16_add_s",
	} {
		if info := opTable[op]; info == nil || info.name != want {
			t.Errorf("0x%x is %+v, want %s", uint32(op), info, want)
		}
	}
	for _, op := range []Op{0x06, 0x27, 0xc5, 0xfd009a, 0xfd00a2, 0xfd0114} {
		if opTable[op] != nil {
			t.Errorf("0x%x is %s, want nothing", uint32(op), opTable[op].name)
		}
	}
}

func TestValidate(t *testing.T) {
	for code, want := range map[string]string{
		trivial:                        "",
		"loop; br 0; end; unreachable": "",
		"local.get 0; if; unreachable; end; i32.const 1": "",
		"i64.const 1":                            "has type I, want i",
		"nop":                                    "stack is empty",
		"i32.const 1; i32.const 2":               "left over",
		"local.get 9":                            "local 9 of",
		"i32.const 0; global.get 7; drop":        "global 7 of",
		"i64.const 0; global.set 1; i32.const 0": "constant",
		"i32.const 1; br 4":                      "label 4 of",
		"i32.const 1; call 5":                    "function 5 of",
		"i32.const 0; i32.load 3 0":              "alignment",
		"i32.const 1; i32.const 1; i32.const 1; f32x4.relaxed_madd": "has type i, want v",
		"i32.const 1; i64.const 1; i32.const 0; select":             "alternatives",
	} {
		m, err := Parse(module(t, "Go", testFunc{"main.f", nil, code}))
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		err = m.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}

func TestRewriteRefuses(t *testing.T) {
	good := module(t, "Go", testFunc{"vaelab_core_kernel_lanes4.f", nil, trivial})
	if _, s, err := Rewrite(good, Options{}); err != nil || s.Functions != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	noNames := bytes.Replace(good, []byte("\x04name"), []byte("\x04nome"), 1)
	for _, c := range []struct {
		name  string
		input []byte
		want  string
	}{
		{"empty", nil, "not a WebAssembly module"},
		{"text", []byte("(module)"), "not a WebAssembly module"},
		{"version", append([]byte("\x00asm\x0d\x00\x01\x00"), good[8:]...), "version 1"},
		{"truncated", good[:len(good)-3], "ends in the middle"},
		{"another language", module(t, "Rust", testFunc{"vaelab_core_kernel.f", nil, trivial}), "Go's linker did not make"},
		{"stripped", noNames, "-ldflags=-w"},
		{"another program", module(t, "Go", testFunc{"vaelab_core_kernels.f", nil, trivial}), "no function of package vaelab/core/kernel"},
		{"invalid", module(t, "Go", testFunc{"vaelab_core_kernel.f", nil, "nop"}), "invalid as it is"},
		{"unknown opcode", bytes.Replace(good, []byte{0x20, 0, 0x0b}, []byte{0xfe, 0, 0x0b}, 1), "0xfe"},
	} {
		if _, _, err := Rewrite(c.input, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestRewriteTouchesOnlyThePackage(t *testing.T) {
	const load = "local.get 0; i64.extend_i32_u; i64.const 16; i64.add; i32.wrap_i64; i32.load 2 0"
	funcs := []testFunc{{"vaelab_core_kernel.f", nil, load}, {"vaelab_core_kernel_lanes4.f", nil, load},
		{"vaelab_core_kernels.f", nil, load}, {"vaelab_core.f", nil, load}, {"main.f", nil, load}}
	input := module(t, "Go", funcs...)
	output, s, err := Rewrite(input, Options{KeepInfo: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.Functions != 2 || s.Folded != 2 || s.Before != len(input) || s.After != len(output) {
		t.Errorf("%+v", s)
	}
	a, _ := Parse(input)
	b, _ := Parse(output)
	for i, f := range b.Funcs {
		if same := bytes.Equal(f.body, a.Funcs[i].body); same != (i >= 2) {
			t.Errorf("%s: unchanged is %v", f, same)
		}
	}
	for i, s := range b.sections {
		if s.id != secCode && !bytes.Equal(s.payload, a.sections[i].payload) {
			t.Errorf("section %d changed", s.id)
		}
	}
	output, _, err = Rewrite(input, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Parse(output)
	for _, s := range c.sections {
		if s.id == secCustom {
			t.Errorf("custom section %q is left", s.name)
		}
	}
}

func TestRewriteFileIsAtomic(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.wasm"), filepath.Join(dir, "out.wasm")
	write := func(path, data string) {
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(in, "rubbish")
	write(out, "kept")
	if _, err := RewriteFile(in, out, Options{}); err == nil || !strings.Contains(err.Error(), in) {
		t.Errorf("%v does not name %s", err, in)
	}
	if got, _ := os.ReadFile(out); string(got) != "kept" {
		t.Errorf("the output is now %q", got)
	}
	write(in, string(module(t, "Go", testFunc{"vaelab_core_kernel.f", nil, trivial})))
	if _, err := RewriteFile(in, out, Options{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(out); !bytes.HasPrefix(got, magic) {
		t.Errorf("the output is %q", got)
	}
	// A directory in the output's place: the rename fails, and nothing is left behind.
	taken := filepath.Join(dir, "taken")
	if err := os.Mkdir(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := RewriteFile(in, taken, Options{}); err == nil {
		t.Error("a directory was overwritten")
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 3 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestDump(t *testing.T) {
	m, err := Parse(module(t, "Go", testFunc{"main.f", []Locals{{2, 'v'}}, "local.get 0; i32.load 2 8"}))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := m.Dump(&b, "main."); err != nil {
		t.Fatal(err)
	}
	want := "function 0 <main.f> (i) → (i)\n  local 2 × v\n  local.get 0\n  i32.load offset=8 align=4\nend\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", &b, want)
	}
}

// FuzzRewrite: no input makes the rewriter panic, and what it accepts keeps its
// meaning when it is decoded and encoded again.
func FuzzRewrite(f *testing.F) {
	f.Add(module(f, "Go", testFunc{"vaelab_core_kernel.f", nil, trivial}))
	f.Add(module(f, "Go", testFunc{"vaelab_core_kernel.sum", []Locals{{3, 'I'}}, loopFunc}))
	f.Add(module(f, "Go", testFunc{"vaelab_core_kernel.g", []Locals{{3, 'v'}},
		"local.get 1; local.get 2; f32x4.mul; local.get 3; f32x4.add; local.set 1; local.get 0; i64.extend_i32_u; i64.const 8; i64.add; i32.wrap_i64; i32.load 2 0"}))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		m, err := Parse(wasm)
		if err != nil {
			return
		}
		for _, fn := range m.Funcs {
			if _, err := fn.Decode(); err != nil {
				return
			}
		}
		for _, o := range []Options{{}, {FMA: true, KeepInfo: true}} {
			if _, _, err := Rewrite(wasm, o); err != nil && strings.Contains(err.Error(), "a fault of this tool") {
				t.Error(err)
			}
		}
	})
}

func ExampleSummary() {
	fmt.Println(Summary{Functions: 2, Folded: 9, Splats: 4, Loops: 3, Fused: 8, Nops: 20, Before: 500, After: 400})
	// Output: 2 functions: 9 offsets folded, 4 loads spread, 3 loops, 8 multiply-adds fused, 20 nops dropped; 500 → 400 bytes
}
