package wasmopt

// MaxOffset bounds the offset that folding may leave in an instruction.
//
// Go's compiler computes the address of a load at constant distance c as
//
//	p; i64.const c; i64.add; i32.wrap_i64; load offset=o
//
// that is, it touches a + o with a = (p + c) mod 2³². After folding, p is wrapped
// first and it touches q + c + o with q = p mod 2³², without wrapping. Now
// a = (q + c) mod 2³², so q ≡ a − c; and if a ≥ c, then 0 ≤ a − c < 2³², so
// q = a − c exactly and both addresses are the same, whatever p is. In a Go
// program every address that may be touched is at least 4096: the linker and the runtime
// give nothing a place in the first page of memory.
// With c + o ≤ 4096 ≤ a + o follows a ≥ c. So the rewrite is exact for every
// access to something that exists; no assumption on p is needed, not even
// that it points into the same allocation.
const MaxOffset = 4096

// foldOffsets moves constants from addresses into the loads and stores that use
// them, and says how many. Between an address and a store stands the value's
// computation: the address is followed through it on the stack, and left alone
// where the straight line ends, or anything but an access takes it as an address.
func foldOffsets(code []Instr) ([]Instr, int) {
	n := 0
	for i := 0; i+3 < len(code); i++ {
		if code[i].Op != opI64Const || code[i+1].Op != opI64Add || code[i+2].Op != opI32WrapI64 {
			continue
		}
		at, above := consumer(code, i+2)
		if at < 0 {
			continue
		}
		access := &code[at]
		// The address is an access's first operand: for a load nothing lies above it,
		// for a store the value does.
		if !isLoad(access.Op) && !isStore(access.Op) || above != len(opTable[access.Op].in)-1 {
			continue
		}
		c := code[i].A // a negative constant is a huge one here
		if c > MaxOffset || c+access.B > MaxOffset {
			continue
		}
		access.B += c
		access.Raw = nil
		code[i], code[i+1] = nop, nop
		n++
	}
	return code, n
}
