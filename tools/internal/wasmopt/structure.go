package wasmopt

// structure gives a function real control flow. Forward jumps become branches out
// of blocks. A loop's segments are copied into a wasm loop, so that its back edge
// is a plain branch and its variables can stay in registers; the segments outside
// stay as they were for whoever comes through the br_table: a goroutine that
// resumes after a call. Such a one reaches the copy at its next turn.
//
// A Go loop is laid out as body … condition and entered at the condition, which
// wasm's loops cannot express: the entry runs a copy of the condition that stands
// before the loop and goes on to its head.
//
// It answers how many loops it made. Nothing changes where the function is not
// built as findDispatcher expects (it has no jumps, or was structured before) or would
// grow beyond maxGrowth.
func structure(code []Instr) (out []Instr, loops int) {
	d := findDispatcher(code)
	if d == nil {
		return code, 0
	}
	s := &structurer{dispatcher: d, extent: d.loops()}
	s.out = append(s.out, d.head...)
	for range d.depth {
		s.stack = append(s.stack, label{-1})
	}
	s.region(0, len(d.segments)-1, true)
	s.out = append(s.out, d.tail...)
	if s.foreign || len(s.out) > len(code)*maxGrowth {
		return code, 0
	}
	return s.out, s.made
}

// maxGrowth is the limit on a function's growth: two copies of everything, a
// condition's third, and room for short functions.
const maxGrowth = 4

// label is where a branch may lead: the start of a segment, or (-1) a block of the code's own.
type label struct{ segment int }

type structurer struct {
	*dispatcher
	extent  []int
	out     []Instr
	stack   []label // open blocks, outermost first, the function's own included
	used    map[int]bool
	made    int
	foreign bool // something was met that Go's compiler does not write
}

// region writes the segments lo to hi in an order in which all that matters is a
// forward jump. At the top it also writes the br_table that everyone enters by;
// elsewhere lo is the head of a loop that is already open.
func (s *structurer) region(lo, hi int, top bool) {
	var order []int
	if !top {
		order = append(order, lo)
		lo++
	}
	// The segments of an inner loop stand before its head: who enters at the
	// condition goes forward to the head.
	heads := make(map[int]bool)
	for k := lo; k <= hi; {
		j := s.extent[k]
		for t := k + 1; t <= j; t++ {
			order = append(order, t)
		}
		order = append(order, k)
		heads[k] = j >= 0
		k = max(k, j) + 1
	}
	first := 0
	if !top {
		first = 1 // the head's label is the loop's
	}
	for _, k := range reversed(order[first:]) {
		s.open(opBlock, k)
	}
	outer := s.used
	s.used = make(map[int]bool)
	if top {
		s.out = append(s.out, Instr{Op: opLocalGet})
		table := make([]uint32, len(s.table))
		for pc, k := range s.table {
			table[pc] = uint32(s.find(int(k)))
			s.used[int(k)] = true
		}
		s.out = append(s.out, Instr{Op: opBrTable, Table: table})
	}
	falls := false
	for n, k := range order {
		if n >= first {
			s.close()
		}
		falls = falls && n > 0 && order[n-1]+1 == k
		if !top && n > 0 && !falls && !s.used[k] {
			continue // a copy that nobody comes to
		}
		if heads[k] {
			s.open(opLoop, k)
			s.made++
			s.region(k, s.extent[k], false)
			s.close()
			falls = false
			continue
		}
		falls = s.segment(k)
		if falls && (n+1 == len(order) || order[n+1] != k+1) {
			s.goTo(k + 1)
			falls = false
		}
	}
	for k := range s.used {
		if outer != nil {
			outer[k] = true
		}
	}
	s.used = outer
}

func reversed(order []int) []int {
	out := make([]int, len(order))
	for i, k := range order {
		out[len(order)-1-i] = k
	}
	return out
}

func (s *structurer) open(op Op, segment int) {
	s.out = append(s.out, Instr{Op: op, A: blockVoid})
	s.stack = append(s.stack, label{segment})
}

// blockVoid is the block type without parameters and results (0x40 as signed LEB128).
const blockVoid = ^uint64(63)

func (s *structurer) close() {
	s.out = append(s.out, Instr{Op: opEnd})
	s.stack = s.stack[:len(s.stack)-1]
}

// find is the innermost label that leads to a segment, counted from the inside; -1
// if there is none.
func (s *structurer) find(segment int) int {
	for i := len(s.stack) - 1; i >= s.depth; i-- {
		if s.stack[i].segment == segment {
			return len(s.stack) - 1 - i
		}
	}
	return -1
}

// goTo jumps to a segment: directly where a label leads there, by the br_table
// elsewhere.
func (s *structurer) goTo(segment int) {
	if segment == len(s.segments) {
		s.out = append(s.out, Instr{Op: opUnreachable})
		return
	}
	if at := s.find(segment); at >= 0 {
		s.used[segment] = true
		s.out = append(s.out, Instr{Op: opBr, A: uint64(at)})
		return
	}
	pc := s.pcOf(segment)
	if pc < 0 {
		s.foreign = true
		return
	}
	s.out = append(s.out, Instr{Op: opI32Const, A: uint64(pc)}, Instr{Op: opLocalSet},
		Instr{Op: opBr, A: uint64(len(s.stack) - s.depth)})
}

// segment writes a copy of segment k and says whether its end may be reached.
func (s *structurer) segment(k int) (falls bool) {
	code := s.segments[k]
	base := len(s.stack)
	falls = true
	for i := 0; i < len(code); i++ {
		in := code[i]
		nest := len(s.stack) - base
		if target, ok := s.jump(code, i, k, nest); ok {
			s.goTo(target)
			i += 2
			if nest == 0 {
				falls = false
			}
			continue
		}
		switch in.Op {
		case opBlock, opLoop, opIf:
			s.stack = append(s.stack, label{-1})
		case opEnd:
			s.stack = s.stack[:len(s.stack)-1]
		case opBr, opBrIf:
			in = s.branch(in, k, nest)
		case opBrTable:
			s.foreign = true
		}
		if nest == 0 && (in.Op == opBr || in.Op == opReturn || in.Op == opUnreachable) {
			falls = false
		}
		s.out = append(s.out, in)
		s.shortenIf()
	}
	return falls
}

// branch relabels a branch that is not one of the compiler's jumps: to a block of
// the segment's own, which stays, or to something around the entry loop.
func (s *structurer) branch(in Instr, k, nest int) Instr {
	outside := int(in.A) - nest - (len(s.segments) - 1 - k) // 0: the entry loop
	switch {
	case int(in.A) < nest:
		return in
	case outside < 0 || outside >= s.depth:
		s.foreign = true
		return in
	}
	// The labels from the entry loop outwards are the same; only what is between changed.
	return Instr{Op: in.Op, A: uint64(len(s.stack) - s.depth + outside)}
}

// shortenIf turns "if; br n; end" into "br_if n−1".
func (s *structurer) shortenIf() {
	n := len(s.out)
	if n < 3 || s.out[n-1].Op != opEnd || s.out[n-2].Op != opBr || s.out[n-3].Op != opIf ||
		s.out[n-3].A != blockVoid || s.out[n-2].A == 0 {
		return
	}
	s.out = append(s.out[:n-3], Instr{Op: opBrIf, A: s.out[n-2].A - 1})
}
