package wasmopt

import "strings"

// Op is an opcode; those behind a prefix byte are prefix<<16 | number.
type Op uint32

// The opcodes that the passes name. The tables below hold all of them.
const (
	opUnreachable     Op = 0x00
	opNop             Op = 0x01
	opBlock           Op = 0x02
	opLoop            Op = 0x03
	opIf              Op = 0x04
	opElse            Op = 0x05
	opEnd             Op = 0x0b
	opBr              Op = 0x0c
	opBrIf            Op = 0x0d
	opBrTable         Op = 0x0e
	opReturn          Op = 0x0f
	opCall            Op = 0x10
	opCallIndirect    Op = 0x11
	opDrop            Op = 0x1a
	opSelect          Op = 0x1b
	opSelectTyped     Op = 0x1c
	opLocalGet        Op = 0x20
	opLocalSet        Op = 0x21
	opLocalTee        Op = 0x22
	opGlobalGet       Op = 0x23
	opGlobalSet       Op = 0x24
	opI32Const        Op = 0x41
	opI64Const        Op = 0x42
	opI64Add          Op = 0x7c
	opI32WrapI64      Op = 0xa7
	opF32Load         Op = 0x2a
	opV128Load32Splat Op = 0xfd0009
	opF32x4Splat      Op = 0xfd0013
	opV128Load        Op = 0xfd0000
	opV128Store       Op = 0xfd000b
	opF32x4Add        Op = 0xfd00e4
	opF32x4Sub        Op = 0xfd00e5
	opF32x4Mul        Op = 0xfd00e6
	opF32x4Madd       Op = 0xfd0105
	opF32x4Nmadd      Op = 0xfd0106
)

// immediate says what follows an opcode.
type immediate uint8

const (
	immNone     immediate = iota
	immBlock              // block type
	immIndex              // one unsigned number: a label, local, global, function, lane of data
	immTable              // br_table
	immIndirect           // type and table
	immMem                // alignment and offset
	immMemLane            // alignment, offset and lane
	immZero               // one memory index
	immZero2              // two memory indices
	immInit               // data segment and memory index
	immI32
	immI64
	immF32
	immF64
	imm16   // sixteen bytes: v128.const, i8x16.shuffle
	immLane // one byte
	immTypes
)

// opInfo describes an opcode. in and out are operand types, deepest first, one
// letter each: i i32, I i64, f f32, F f64, v v128. special marks those whose effect
// depends on the context (control, locals, globals, drop, select).
type opInfo struct {
	name    string
	imm     immediate
	in, out string
	special bool
}

var opTable = buildTable()

func buildTable() map[Op]*opInfo {
	t := make(map[Op]*opInfo, 512)
	special := func(op Op, name string, imm immediate) {
		t[op] = &opInfo{name: name, imm: imm, special: true}
	}
	special(opUnreachable, "unreachable", immNone)
	special(opBlock, "block", immBlock)
	special(opLoop, "loop", immBlock)
	special(opIf, "if", immBlock)
	special(opElse, "else", immNone)
	special(opEnd, "end", immNone)
	special(opBr, "br", immIndex)
	special(opBrIf, "br_if", immIndex)
	special(opBrTable, "br_table", immTable)
	special(opReturn, "return", immNone)
	special(opCall, "call", immIndex)
	special(opCallIndirect, "call_indirect", immIndirect)
	special(opDrop, "drop", immNone)
	special(opSelect, "select", immNone)
	special(opSelectTyped, "select", immTypes)
	special(opLocalGet, "local.get", immIndex)
	special(opLocalSet, "local.set", immIndex)
	special(opLocalTee, "local.tee", immIndex)
	special(opGlobalGet, "global.get", immIndex)
	special(opGlobalSet, "global.set", immIndex)
	t[opNop] = &opInfo{name: "nop"}
	addOps(t, 0x28, immMem, memoryOps)
	addOps(t, 0x3f, immZero, "memory.size :i\nmemory.grow i:i")
	addOps(t, 0x41, immI32, "i32.const :i")
	addOps(t, 0x42, immI64, "i64.const :I")
	addOps(t, 0x43, immF32, "f32.const :f")
	addOps(t, 0x44, immF64, "f64.const :F")
	addOps(t, 0x45, immNone, numericOps)
	addOps(t, 0xfc0000, immNone, saturatingOps)
	addOps(t, 0xfc0008, immInit, "memory.init iii:")
	addOps(t, 0xfc0009, immIndex, "data.drop :")
	addOps(t, 0xfc000a, immZero2, "memory.copy iii:")
	addOps(t, 0xfc000b, immZero, "memory.fill iii:")
	addOps(t, 0xfd0000, immMem, simdMemoryOps)
	addOps(t, 0xfd000c, imm16, "v128.const :v\ni8x16.shuffle vv:v")
	addOps(t, 0xfd000e, immNone, simdSplatOps)
	addOps(t, 0xfd0015, immLane, simdLaneOps)
	addOps(t, 0xfd0023, immNone, simdCompareOps)
	addOps(t, 0xfd0054, immMemLane, simdMemoryLaneOps)
	addOps(t, 0xfd005c, immMem, "v128.load32_zero i:v\nv128.load64_zero i:v")
	addOps(t, 0xfd005e, immNone, simdArithmeticOps)
	addOps(t, 0xfd0100, immNone, relaxedOps)
	return t
}

// addOps enters consecutive opcodes, one a line: name in:out; a line "-" skips a
// number that is not assigned.
func addOps(t map[Op]*opInfo, first Op, imm immediate, lines string) {
	op := first
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		if line != "-" {
			name, sig, _ := strings.Cut(line, " ")
			in, out, _ := strings.Cut(sig, ":")
			t[op] = &opInfo{name: name, imm: imm, in: in, out: out}
		}
		op++
	}
}

// accessSize is how many bytes a load or store touches: the bound on its alignment.
func accessSize(name string) uint32 {
	_, what, _ := strings.Cut(name, ".")
	switch {
	case strings.Contains(what, "8x8"), strings.Contains(what, "16x4"), strings.Contains(what, "32x2"):
		return 8
	case strings.Contains(what, "64"):
		return 8
	case strings.Contains(what, "32"):
		return 4
	case strings.Contains(what, "16"):
		return 2
	case strings.Contains(what, "8"):
		return 1
	case strings.HasPrefix(name, "v128"):
		return 16
	case strings.HasPrefix(name, "i64"), strings.HasPrefix(name, "f64"):
		return 8
	}
	return 4
}
