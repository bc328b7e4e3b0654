package wasmopt

// loadSplats turns a load of one float that is spread over a vector at once into
// the instruction that does both, and says how many. They read the same four bytes and
// trap alike; the machine has one instruction for it, which needs no vector unit.
func loadSplats(code []Instr) ([]Instr, int) {
	n := 0
	for i := 0; i+1 < len(code); i++ {
		if code[i].Op == opF32Load && code[i+1].Op == opF32x4Splat {
			code[i].Op, code[i].Raw = opV128Load32Splat, nil
			code[i+1] = nop
			n++
		}
	}
	return code, n
}
