package wasmopt

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// opsByName finds opcodes for assemble; of the two selects it takes the untyped one.
var opsByName = func() map[string]Op {
	names := map[string]Op{}
	for op, info := range opTable {
		if op != opSelectTyped {
			names[info.name] = op
		}
	}
	return names
}()

// assemble reads instructions separated by semicolons, immediates as decimal
// numbers behind the name: "i64.const 16; i64.add; v128.load 0 32". Memory
// accesses take the alignment's exponent and the offset. Blocks are void.
func assemble(t testing.TB, text string) (code []Instr) {
	t.Helper()
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		op, ok := opsByName[words[0]]
		if !ok {
			t.Fatalf("no instruction %q", words[0])
		}
		in := Instr{Op: op}
		var numbers []uint64
		for _, w := range words[1:] {
			n, err := strconv.ParseInt(w, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, uint64(n))
		}
		switch opTable[op].imm {
		case immBlock:
			in.A = blockVoid
		case immTable:
			for _, n := range numbers {
				in.Table = append(in.Table, uint32(n))
			}
		default:
			numbers = append(numbers, 0, 0)
			in.A, in.B = numbers[0], numbers[1]
		}
		code = append(code, in)
	}
	return code
}

// text is assemble's inverse.
func text(code []Instr) string {
	var parts []string
	for _, in := range code {
		s := opTable[in.Op].name
		switch opTable[in.Op].imm {
		case immIndex, immI32, immI64:
			s += " " + strconv.FormatInt(int64(in.A), 10)
		case immMem:
			s += " " + strconv.FormatUint(in.A, 10) + " " + strconv.FormatUint(in.B, 10)
		case immTable:
			for _, l := range in.Table {
				s += " " + strconv.Itoa(int(l))
			}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

type testFunc struct {
	name   string
	locals []Locals
	code   string // without the final end
}

// module builds a module of functions (i32) → (i32), as Go's are, with a memory,
// two globals, a table and a name section; language is its producer.
func module(t testing.TB, language string, funcs ...testFunc) []byte {
	t.Helper()
	out := slices.Clone(magic)
	section := func(id byte, payload []byte) {
		out = append(out, id)
		out = appendPadded(out, uint32(len(payload)), 5)
		out = append(out, payload...)
	}
	str := func(s string) []byte { return append(appendU32(nil, uint32(len(s))), s...) }
	n := uint32(len(funcs))
	section(secType, []byte{1, 0x60, 1, 0x7f, 1, 0x7f})
	section(secFunction, append(appendU32(nil, n), make([]byte, n)...))
	section(secTable, []byte{1, 0x70, 0, 1})
	section(secMemory, []byte{1, 0, 1})
	section(secGlobal, []byte{2, 0x7f, 1, 0x41, 0, 0x0b, 0x7e, 0, 0x42, 0, 0x0b})
	section(7, append([]byte{1}, append(str("f"), 0, 0)...))
	code := appendU32(nil, n)
	names := appendU32(nil, n)
	for i, f := range funcs {
		b := Body{Locals: f.locals, Code: assemble(t, f.code+"; end")}
		body := b.Encode()
		code = append(appendU32(code, uint32(len(body))), body...)
		names = append(appendU32(names, uint32(i)), str(f.name)...)
	}
	section(secCode, code)
	section(secCustom, bytes.Join([][]byte{str("producers"), {1}, str("language"), {1}, str(language), str("go1.27")}, nil))
	section(secCustom, bytes.Join([][]byte{str("name"), {1}, appendU32(nil, uint32(len(names))), names}, nil))
	return out
}
