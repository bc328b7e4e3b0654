package wasmopt

import (
	"errors"
	"fmt"
	"strings"
)

// Validate checks every function of the module as the specification's appendix
// describes: operand types, labels, indices, alignments. The names of what it does not
// know fail to decode.
func (m *Module) Validate() error {
	for _, f := range m.Funcs {
		b, err := f.Decode()
		if err != nil {
			return err
		}
		if err := m.check(f, b); err != nil {
			return err
		}
	}
	return nil
}

// frame is an open block.
type frame struct {
	op          Op
	in, out     string
	height      int
	unreachable bool
}

// checker type-checks one body. Operand types are letters; '?' is any type.
type checker struct {
	m      *Module
	locals string
	stack  []byte
	frames []frame
	err    error
}

func (m *Module) check(f *Func, b *Body) error {
	c := &checker{m: m}
	var locals strings.Builder
	locals.WriteString(f.Type.Params)
	for _, l := range b.Locals {
		locals.WriteString(strings.Repeat(string(rune(l.Type)), int(l.Count)))
	}
	c.locals = locals.String()
	c.frames = []frame{{op: opBlock, out: f.Type.Results}}
	for i := range b.Code {
		if len(c.frames) == 0 {
			c.fail(errors.New("code follows the function's end"))
		} else {
			c.instr(&b.Code[i])
		}
		if c.err != nil {
			return fmt.Errorf("%s, instruction %d (%s): %w", f, i, opTable[b.Code[i].Op].name, c.err)
		}
	}
	if len(c.frames) != 0 {
		return fmt.Errorf("%s: %d blocks are left open", f, len(c.frames))
	}
	return nil
}

func (c *checker) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *checker) push(types string) { c.stack = append(c.stack, types...) }

func (c *checker) pop() byte {
	top := &c.frames[len(c.frames)-1]
	if len(c.stack) <= top.height {
		if !top.unreachable {
			c.fail(errors.New("the stack is empty"))
		}
		return '?'
	}
	t := c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
	return t
}

func (c *checker) popAll(types string) {
	for i := len(types) - 1; i >= 0; i-- {
		if t := c.pop(); t != types[i] && t != '?' && c.err == nil {
			c.fail(fmt.Errorf("operand %d has type %c, want %c", i, t, types[i]))
		}
	}
}

// setUnreachable drops the operands of the current block and makes it polymorphic.
func (c *checker) setUnreachable() {
	top := &c.frames[len(c.frames)-1]
	c.stack = c.stack[:top.height]
	top.unreachable = true
}

// label is what a branch to the label carries.
func (c *checker) label(i uint64) string {
	if i >= uint64(len(c.frames)) {
		c.fail(fmt.Errorf("label %d of %d", i, len(c.frames)))
		return ""
	}
	f := c.frames[len(c.frames)-1-int(i)]
	if f.op == opLoop {
		return f.in
	}
	return f.out
}

func (c *checker) blockType(a uint64) (in, out string) {
	switch v := int64(a); {
	case a == blockVoid:
	case v < 0 && v >= -5:
		out = string(valTypes[-v-1])
	case v >= 0 && v < int64(len(c.m.types)):
		return c.m.types[v].Params, c.m.types[v].Results
	default:
		c.fail(fmt.Errorf("block type %d", v))
	}
	return
}

func (c *checker) local(i uint64) string {
	if i >= uint64(len(c.locals)) {
		c.fail(fmt.Errorf("local %d of %d", i, len(c.locals)))
		return ""
	}
	return c.locals[i : i+1]
}

func (c *checker) instr(in *Instr) {
	info := opTable[in.Op]
	if !info.special {
		switch info.imm {
		case immMem, immMemLane:
			if accessSize(info.name)>>in.A == 0 {
				c.fail(fmt.Errorf("alignment 2^%d", in.A))
			}
			fallthrough
		case immZero, immZero2, immInit:
			if c.m.memories == 0 {
				c.fail(errors.New("there is no memory"))
			}
		}
		c.popAll(info.in)
		c.push(info.out)
		return
	}
	switch in.Op {
	case opBlock, opLoop, opIf:
		if in.Op == opIf {
			c.popAll("i")
		}
		params, results := c.blockType(in.A)
		c.popAll(params)
		c.frames = append(c.frames, frame{op: in.Op, in: params, out: results, height: len(c.stack)})
		c.push(params)
	case opElse, opEnd:
		f := c.frames[len(c.frames)-1]
		c.popAll(f.out)
		if len(c.stack) != f.height {
			c.fail(fmt.Errorf("%d operands are left over", len(c.stack)-f.height))
		}
		c.frames = c.frames[:len(c.frames)-1]
		switch {
		case in.Op == opElse && f.op != opIf:
			c.fail(errors.New("else without if"))
		case in.Op == opElse:
			c.frames = append(c.frames, frame{op: opElse, in: f.in, out: f.out, height: f.height})
			c.push(f.in)
		case f.op == opIf && f.in != f.out:
			c.fail(errors.New("an if with results needs an else"))
		default:
			c.push(f.out)
		}
	case opBr:
		c.popAll(c.label(in.A))
		c.setUnreachable()
	case opBrIf:
		c.popAll("i")
		types := c.label(in.A)
		c.popAll(types)
		c.push(types)
	case opBrTable:
		c.popAll("i")
		want := c.label(uint64(in.Table[len(in.Table)-1]))
		for _, l := range in.Table {
			if c.label(uint64(l)) != want {
				c.fail(errors.New("the labels' types differ"))
			}
		}
		c.popAll(want)
		c.setUnreachable()
	case opReturn:
		c.popAll(c.frames[0].out)
		c.setUnreachable()
	case opUnreachable:
		c.setUnreachable()
	case opCall:
		if in.A >= uint64(len(c.m.funcs)) {
			c.fail(fmt.Errorf("function %d of %d", in.A, len(c.m.funcs)))
			return
		}
		c.popAll(c.m.funcs[in.A].Params)
		c.push(c.m.funcs[in.A].Results)
	case opCallIndirect:
		if in.A >= uint64(len(c.m.types)) || in.B >= uint64(c.m.tables) {
			c.fail(fmt.Errorf("type %d of %d, table %d of %d", in.A, len(c.m.types), in.B, c.m.tables))
			return
		}
		c.popAll("i")
		c.popAll(c.m.types[in.A].Params)
		c.push(c.m.types[in.A].Results)
	case opDrop:
		c.pop()
	case opSelect, opSelectTyped:
		c.popAll("i")
		a, b := c.pop(), c.pop()
		if a == '?' {
			a = b
		}
		if b != '?' && a != b {
			c.fail(errors.New("the alternatives' types differ"))
		}
		c.push(string(rune(a)))
	case opLocalGet:
		c.push(c.local(in.A))
	case opLocalSet:
		c.popAll(c.local(in.A))
	case opLocalTee:
		t := c.local(in.A)
		c.popAll(t)
		c.push(t)
	case opGlobalGet, opGlobalSet:
		if in.A >= uint64(len(c.m.globals)) {
			c.fail(fmt.Errorf("global %d of %d", in.A, len(c.m.globals)))
			return
		}
		g := c.m.globals[in.A]
		if in.Op == opGlobalGet {
			c.push(string(rune(g.typ)))
			return
		}
		if !g.mutable {
			c.fail(fmt.Errorf("global %d is constant", in.A))
		}
		c.popAll(string(rune(g.typ)))
	}
}
