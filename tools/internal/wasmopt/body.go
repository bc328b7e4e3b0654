package wasmopt

import (
	"errors"
	"fmt"
)

// ValType is a value type's letter: i i32, I i64, f f32, F f64, v v128.
type ValType byte

// valTypes is by encoding, 0x7f downwards.
const valTypes = "iIfFv"

func (r *reader) valType() ValType {
	b := r.byte()
	if r.err == nil && (b > 0x7f || b < 0x7b) {
		r.fail(fmt.Errorf("value type 0x%02x is not one that Go's linker emits", b))
	}
	if r.err != nil {
		return 0
	}
	return ValType(valTypes[0x7f-b])
}

func (t ValType) encoding() byte {
	for i := range len(valTypes) {
		if valTypes[i] == byte(t) {
			return 0x7f - byte(i)
		}
	}
	panic("wasmopt: no such value type")
}

// Instr is one instruction. A holds the first immediate (an index, a constant's
// bits, an alignment, a block type), B the second (an offset, a table), Lane a
// lane index. Raw is the encoding as it was read; a pass that makes or changes an
// instruction leaves it nil, and Raw then follows from the other fields.
type Instr struct {
	Op    Op
	Lane  byte
	A     uint64
	B     uint64
	Table []uint32 // br_table: labels, the default last
	Raw   []byte
}

// Locals is a run of local variables of one type.
type Locals struct {
	Count uint32
	Type  ValType
}

// Body is a decoded function.
type Body struct {
	Locals []Locals
	Code   []Instr // with the final end
}

// maxLocals is the limit of the engines' common implementation limits.
const maxLocals = 50000

// DecodeBody decodes a function body, without its size. base is its offset in the
// file, for messages.
func DecodeBody(data []byte, base int) (*Body, error) {
	r := &reader{data: data, base: base}
	b := &Body{}
	var total uint64
	for range r.count() {
		l := Locals{Count: r.u32(), Type: r.valType()}
		if total += uint64(l.Count); total > maxLocals {
			r.fail(errors.New("more than 50000 locals"))
		}
		if r.err != nil {
			break
		}
		b.Locals = append(b.Locals, l)
	}
	depth := 1
	for depth > 0 && r.err == nil {
		start := r.pos
		in := r.instr()
		if r.err != nil {
			break
		}
		in.Raw = data[start:r.pos:r.pos]
		b.Code = append(b.Code, in)
		switch in.Op {
		case opBlock, opLoop, opIf:
			depth++
		case opEnd:
			depth--
		}
	}
	if r.err == nil && r.pos != len(data) {
		r.fail(errors.New("bytes follow the function's end"))
	}
	if r.err != nil {
		return nil, fmt.Errorf("at offset 0x%x: %w", base+r.pos, r.err)
	}
	return b, nil
}

func (r *reader) instr() (in Instr) {
	op := Op(r.byte())
	if op == 0xfc || op == 0xfd {
		sub := r.u32()
		if sub > 0xffff {
			sub = 0xffff
		}
		op = op<<16 | Op(sub)
	}
	in.Op = op
	info := opTable[op]
	if r.err != nil {
		return
	}
	if info == nil {
		r.fail(fmt.Errorf("opcode 0x%02x is not one that Go's linker emits", uint32(op)))
		return
	}
	switch info.imm {
	case immBlock:
		in.A = uint64(r.signed(33))
	case immIndex:
		in.A = uint64(r.u32())
	case immTable:
		n := r.count() + 1
		in.Table = make([]uint32, 0, n)
		for range n {
			in.Table = append(in.Table, r.u32())
		}
	case immIndirect:
		in.A, in.B = uint64(r.u32()), uint64(r.u32())
	case immMem, immMemLane:
		in.A, in.B = uint64(r.u32()), uint64(r.u32())
		if info.imm == immMemLane {
			in.Lane = r.byte()
		}
		// Bit 6 announces a memory index (multi-memory), which Go does not use.
		if r.err == nil && in.A >= 32 {
			r.fail(fmt.Errorf("%s: alignment 2^%d", info.name, in.A))
		}
	case immZero:
		in.A = uint64(r.u32())
	case immZero2, immInit:
		in.A, in.B = uint64(r.u32()), uint64(r.u32())
	case immI32:
		in.A = uint64(r.signed(32))
	case immI64:
		in.A = uint64(r.signed(64))
	case immF32:
		for i, b := range r.bytes(4) {
			in.A |= uint64(b) << (8 * i)
		}
	case immF64:
		for i, b := range r.bytes(8) {
			in.A |= uint64(b) << (8 * i)
		}
	case imm16:
		for i, b := range r.bytes(8) {
			in.A |= uint64(b) << (8 * i)
		}
		for i, b := range r.bytes(8) {
			in.B |= uint64(b) << (8 * i)
		}
	case immLane:
		in.Lane = r.byte()
	case immTypes:
		if n := r.u32(); n != 1 && r.err == nil {
			r.fail(fmt.Errorf("select with %d types", n))
		}
		in.A = uint64(r.valType())
	}
	return
}

// append writes the instruction, from Raw where it has it.
func (in *Instr) append(dst []byte) []byte {
	if in.Raw != nil {
		return append(dst, in.Raw...)
	}
	if in.Op > 0xff {
		dst = append(dst, byte(in.Op>>16))
		dst = appendU32(dst, uint32(in.Op&0xffff))
	} else {
		dst = append(dst, byte(in.Op))
	}
	littleEndian := func(v uint64, n int) {
		for range n {
			dst = append(dst, byte(v))
			v >>= 8
		}
	}
	switch opTable[in.Op].imm {
	case immBlock, immI32, immI64:
		dst = appendSigned(dst, int64(in.A))
	case immIndex, immZero:
		dst = appendU32(dst, uint32(in.A))
	case immTable:
		dst = appendU32(dst, uint32(len(in.Table)-1))
		for _, l := range in.Table {
			dst = appendU32(dst, l)
		}
	case immIndirect, immMem, immZero2, immInit:
		dst = appendU32(dst, uint32(in.A))
		dst = appendU32(dst, uint32(in.B))
	case immMemLane:
		dst = appendU32(dst, uint32(in.A))
		dst = appendU32(dst, uint32(in.B))
		dst = append(dst, in.Lane)
	case immF32:
		littleEndian(in.A, 4)
	case immF64:
		littleEndian(in.A, 8)
	case imm16:
		littleEndian(in.A, 8)
		littleEndian(in.B, 8)
	case immLane:
		dst = append(dst, in.Lane)
	case immTypes:
		dst = append(dst, 1, ValType(in.A).encoding())
	}
	return dst
}

// Encode is DecodeBody's inverse.
func (b *Body) Encode() []byte {
	dst := appendU32(nil, uint32(len(b.Locals)))
	for _, l := range b.Locals {
		dst = append(appendU32(dst, l.Count), l.Type.encoding())
	}
	for i := range b.Code {
		dst = b.Code[i].append(dst)
	}
	return dst
}

// localCount is how many locals the body declares, parameters not counted.
func (b *Body) localCount() int {
	n := 0
	for _, l := range b.Locals {
		n += int(l.Count)
	}
	return n
}

// addLocals declares n more locals of type t and leaves the others' indices alone.
func (b *Body) addLocals(n int, t ValType) {
	if n == 0 {
		return
	}
	if last := len(b.Locals) - 1; last >= 0 && b.Locals[last].Type == t {
		b.Locals[last].Count += uint32(n)
		return
	}
	b.Locals = append(b.Locals, Locals{uint32(n), t})
}
