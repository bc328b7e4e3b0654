package wasmopt

// effect says how many operands an instruction takes from the stack and how many
// it leaves, where that does not depend on its surroundings. ok is false for
// control and calls: the ends of a straight line.
func effect(in *Instr) (pops, pushes int, ok bool) {
	switch in.Op {
	case opLocalGet, opGlobalGet:
		return 0, 1, true
	case opLocalSet, opGlobalSet, opDrop:
		return 1, 0, true
	case opLocalTee:
		return 1, 1, true
	case opSelect, opSelectTyped:
		return 3, 1, true
	}
	info := opTable[in.Op]
	if info.special {
		return 0, 0, false
	}
	return len(info.in), len(info.out), true
}

// consumer finds who takes the value that code[i] leaves on top of the stack, if
// that is one instruction later in the same straight line. above is how many
// values lie above it by then: 0 when it is the last operand. The answer -1 says
// that the line ends first.
func consumer(code []Instr, i int) (at, above int) {
	for at = i + 1; at < len(code); at++ {
		pops, pushes, ok := effect(&code[at])
		if !ok {
			return -1, 0
		}
		if pops > above {
			return at, above
		}
		above += pushes - pops
	}
	return -1, 0
}

// producer finds the first of the instructions that leave the n topmost values
// under code[i], if they stand in the same straight line; -1 if they do not. What
// lay on the stack before it is below those n values.
func producer(code []Instr, i, n int) int {
	for t := i; n > 0; {
		if t--; t < 0 {
			return -1
		}
		pops, pushes, ok := effect(&code[t])
		if !ok {
			return -1
		}
		if n += pops - pushes; n <= 0 {
			return t
		}
	}
	return -1
}

// isLoad and isStore tell memory accesses, whose first operand is an address.
func isLoad(op Op) bool {
	info := opTable[op]
	return (info.imm == immMem || info.imm == immMemLane) && info.out != ""
}

func isStore(op Op) bool {
	info := opTable[op]
	return (info.imm == immMem || info.imm == immMemLane) && info.out == ""
}

// setsLocal says whether code writes local variable l.
func setsLocal(code []Instr, l uint64) bool {
	for i := range code {
		if op := code[i].Op; (op == opLocalSet || op == opLocalTee) && code[i].A == l {
			return true
		}
	}
	return false
}

// dropNops removes the marks that inlining leaves. They say nothing to an engine:
// the runtime's resume points are br_table entries, not positions in the code.
func dropNops(code []Instr) ([]Instr, int) {
	out := code[:0]
	for _, in := range code {
		if in.Op != opNop {
			out = append(out, in)
		}
	}
	return out, len(code) - len(out)
}
