package wasmopt

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// symbols runs straight-line vector code on formulas instead of numbers and returns
// the locals it leaves. Operands of commutative operations are sorted, so that a
// fused sum reads like the sum it came from.
func symbols(code []Instr, locals int) []string {
	values := make([]string, locals)
	for i := range values {
		values[i] = string(rune('a' + i))
	}
	var stack []string
	pop := func() string {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		return v
	}
	commutative := func(op, a, b string) string { return "(" + min(a, b) + op + max(a, b) + ")" }
	for _, in := range code {
		switch in.Op {
		case opLocalGet:
			stack = append(stack, values[in.A])
		case opLocalSet:
			values[in.A] = pop()
		case opLocalTee:
			values[in.A] = stack[len(stack)-1]
		case opDrop:
			pop()
		case opF32x4Mul:
			b, a := pop(), pop()
			stack = append(stack, commutative("*", a, b))
		case opF32x4Add:
			b, a := pop(), pop()
			stack = append(stack, commutative("+", a, b))
		case opF32x4Sub:
			b, a := pop(), pop()
			stack = append(stack, "("+a+"-"+b+")")
		case opF32x4Madd, opF32x4Nmadd:
			c, b, a := pop(), pop(), pop()
			product := commutative("*", a, b)
			if in.Op == opF32x4Madd {
				stack = append(stack, commutative("+", product, c))
			} else {
				stack = append(stack, "("+c+"-"+product+")")
			}
		default:
			panic("not vector code: " + opTable[in.Op].name)
		}
	}
	return values
}

// TestFuseKeepsFormulas fuses random code and compares what it computes.
func TestFuseKeepsFormulas(t *testing.T) {
	const locals = 5
	r := rand.New(rand.NewPCG(3, 4))
	total := 0
	for range 20000 {
		var code []Instr
		depth := 0
		for len(code) < 24 || depth > 0 {
			local := uint64(r.IntN(locals))
			op := []Op{opLocalGet, opLocalGet, opLocalGet, opLocalSet, opLocalTee, opF32x4Mul, opF32x4Mul, opF32x4Add, opF32x4Add, opF32x4Sub}[r.IntN(10)]
			if len(code) >= 24 && op == opLocalGet {
				op = opLocalSet
			}
			in := Instr{Op: op}
			pops, pushes, _ := effect(&in)
			if pops > depth {
				continue
			}
			if op == opLocalGet || op == opLocalSet || op == opLocalTee {
				in.A = local
			}
			depth += pushes - pops
			code = append(code, in)
		}
		out, n, extra := fuse(code, locals)
		total += n
		want := symbols(code, locals)
		got := symbols(out, locals+extra)[:locals]
		if !slices.Equal(got, want) {
			t.Fatalf("%s\nbecame\n%s\nwhich computes\n%q, want\n%q", text(code), text(out), got, want)
		}
	}
	if total < 5000 {
		t.Errorf("only %d fused", total)
	}
}
