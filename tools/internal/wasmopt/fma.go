package wasmopt

import "slices"

// nop takes the place of an instruction that a pass drops: it has no effect on the
// stack, so analysis may go on over it; dropNops removes it.
var nop = Instr{Op: opNop}

// fuse turns a multiplication whose product goes into an addition or a subtraction
// into a relaxed multiply-add, and says how many. x and y are the factors, c the
// other operand, C a computation of any length:
//
//	x y mul C add                      →  x y C madd           x·y + c
//	c x y mul add                      →  x y c madd
//	c x y mul sub                      →  x y c nmadd          c − x·y
//	x y mul set t … get t C add        →  x y … x' y' C madd
//	x y mul set t … c get t add        →  x y … x' y' c' madd
//
// Where the accumulator was pushed first it moves behind the factors: as a
// local.get, if x and y do not write that variable, through a new local otherwise.
// The last two come of the compiler's scheduling at a loop's end; there the factors
// are kept in new locals, which cost an engine nothing, and the multiplication stays,
// for the engine to drop where its product has no other use.
//
// New locals are numbered from firstLocal; newLocals says how many are needed.
//
// The fused product is not rounded: the result may differ in its last bit, which is
// why this is a pass of its own.
func fuse(code []Instr, firstLocal int) (out []Instr, fused, newLocals int) {
	f := &fuser{code: code, edited: slices.Clone(code), before: map[int][]Instr{}, firstLocal: firstLocal}
	for i := range code {
		if code[i].Op == opF32x4Mul && f.onStack(i) {
			fused++
		}
	}
	for i := range code {
		if op := f.edited[i].Op; (op == opF32x4Add || op == opF32x4Sub) && f.throughLocal(i) {
			fused++
		}
	}
	for i, in := range f.edited {
		out = append(append(out, f.before[i]...), in)
	}
	for _, c := range f.live {
		newLocals = max(newLocals, c.local+1)
	}
	out, _ = dropNops(out)
	return out, fused, newLocals
}

// fuser keeps the code as it was, in which all searching is done, beside the edits.
type fuser struct {
	code       []Instr
	edited     []Instr
	before     map[int][]Instr // insertions, by the index of what they stand before
	live       []carry
	firstLocal int
}

// onStack fuses the multiplication at i if its product stays on the stack until an
// addition takes it.
func (f *fuser) onStack(i int) bool {
	code := f.code
	at, above := consumer(code, i)
	if at < 0 || f.edited[at].Op != code[at].Op {
		return false // the line ends, or another product was fused into this addition
	}
	op := code[at].Op
	switch {
	case op == opF32x4Add && above == 1:
		f.edited[i] = nop
		f.edited[at] = Instr{Op: opF32x4Madd}
		return true
	case (op == opF32x4Add || op == opF32x4Sub) && above == 0:
		start := producer(code, i, 2)
		// The accumulator must be of this line too: it is right under the factors then.
		if start < 1 || producer(code, start, 1) < 0 {
			return false
		}
		last := code[start-1]
		get := Instr{Op: opLocalGet, A: last.A}
		switch {
		case last.Op == opLocalGet && !setsLocal(code[start:i], last.A):
			f.edited[start-1] = nop
		case last.Op == opLocalTee && !setsLocal(code[start:i], last.A):
			f.edited[start-1] = Instr{Op: opLocalSet, A: last.A}
		default:
			get.A = f.local(start, i)
			f.before[start] = append(f.before[start], Instr{Op: opLocalSet, A: get.A})
		}
		f.edited[i] = get
		f.edited[at] = fusedOp(op)
		return true
	}
	return false
}

// throughLocal fuses the addition or subtraction at i if one of its operands was
// read from a local variable that a multiplication of the same line had set.
func (f *fuser) throughLocal(i int) bool {
	second := producer(f.code, i, 1)
	first := producer(f.code, i, 2)
	if first < 0 {
		return false
	}
	if mul := f.product(first); mul >= 0 && second == first+1 && f.code[i].Op == opF32x4Add {
		x, y := f.factors(mul, i)
		f.before[first] = append(f.before[first], x)
		f.edited[first] = y
	} else if mul := f.product(second); mul >= 0 && second == i-1 {
		x, y := f.factors(mul, i)
		c := f.local(second, i)
		f.before[second] = append(f.before[second], Instr{Op: opLocalSet, A: c}, x, y)
		f.edited[second] = Instr{Op: opLocalGet, A: c}
	} else {
		return false
	}
	f.edited[i] = fusedOp(f.code[i].Op)
	return true
}

// product finds the multiplication whose result the local.get at i reads, in the
// same line; -1 if it reads something else. Neither may have been edited.
func (f *fuser) product(i int) int {
	get := f.edited[i]
	if get.Op != opLocalGet || f.code[i].Op != opLocalGet || get.A != f.code[i].A {
		return -1
	}
	for t := i - 1; t > 0; t-- {
		in := f.code[t]
		if _, _, ok := effect(&in); !ok {
			return -1
		}
		if (in.Op == opLocalSet || in.Op == opLocalTee) && in.A == get.A {
			if f.code[t-1].Op == opF32x4Mul && f.edited[t-1].Op == opF32x4Mul {
				return t - 1
			}
			return -1
		}
	}
	return -1
}

// factors keeps the operands of the multiplication at mul in new locals until end,
// and returns the instructions that read them.
func (f *fuser) factors(mul, end int) (x, y Instr) {
	x = Instr{Op: opLocalGet, A: f.local(mul, end)}
	y = Instr{Op: opLocalGet, A: f.local(mul, end)}
	f.before[mul] = append(f.before[mul],
		Instr{Op: opLocalSet, A: y.A}, Instr{Op: opLocalTee, A: x.A}, y)
	return x, y
}

func fusedOp(op Op) Instr {
	if op == opF32x4Sub {
		return Instr{Op: opF32x4Nmadd}
	}
	return Instr{Op: opF32x4Madd}
}

// carry is a stretch of code over which a new local holds a value.
type carry struct{ start, end, local int }

// local finds the first new local that is free from start to end.
func (f *fuser) local(start, end int) uint64 {
	for l := 0; ; l++ {
		taken := slices.ContainsFunc(f.live, func(c carry) bool {
			return c.local == l && c.start <= end && start <= c.end
		})
		if !taken {
			f.live = append(f.live, carry{start, end, l})
			return uint64(f.firstLocal + l)
		}
	}
}
