package wasmopt

// Go's compiler has no structured control flow to offer: it numbers the basic
// blocks, and every jump sets local 0 (PC_B) and goes back to one br_table:
//
//	block                        ;; unwind, only where the function calls others
//	  loop                       ;; entry
//	    block … block            ;; one for each segment
//	      local.get 0
//	      br_table 0 0 1 2 2 …   ;; PC_B → segment
//	    end
//	    segment 0                ;; falls through to segment 1
//	    end
//	    segment 1                ;; i32.const pc; local.set 0; br entry
//	    …
//	  end
//
// dispatcher is that structure, taken apart.
type dispatcher struct {
	head     []Instr   // up to and including the entry loop
	table    []uint32  // PC_B → segment, the default last
	segments [][]Instr // without the ends between them
	tail     []Instr   // from the end of the entry loop
	depth    int       // labels around the inside of the entry loop, the function's own included
}

// findDispatcher takes a function apart; nil if it is not built like that.
func findDispatcher(code []Instr) *dispatcher {
	at := 0
	d := &dispatcher{depth: 1}
	for ; at < len(code) && code[at].Op != opLoop; at++ {
		if code[at].Op == opBlock {
			d.depth++
		} else if _, _, ok := effect(&code[at]); !ok {
			return nil
		}
	}
	d.depth++
	if at++; at > len(code) {
		return nil
	}
	d.head = code[:at]
	blocks := 0
	for at < len(code) && code[at].Op == opBlock {
		blocks++
		at++
	}
	if blocks == 0 || at+2 >= len(code) || code[at].Op != opLocalGet || code[at].A != 0 ||
		code[at+1].Op != opBrTable || code[at+2].Op != opEnd {
		return nil
	}
	d.table = code[at+1].Table
	for _, segment := range d.table {
		if int(segment) >= blocks {
			return nil
		}
	}
	at += 3
	start, nest := at, 0
	for ; at < len(code); at++ {
		switch code[at].Op {
		case opBlock, opLoop, opIf:
			nest++
		case opEnd:
			if nest > 0 {
				nest--
				continue
			}
			d.segments = append(d.segments, code[start:at])
			start = at + 1
			if len(d.segments) == blocks {
				d.tail = code[at:]
				return d
			}
		}
	}
	return nil
}

// segmentOf is the segment that a jump with PC_B = pc reaches.
func (d *dispatcher) segmentOf(pc uint64) int {
	last := len(d.table) - 1
	return int(d.table[min(pc&0xffffffff, uint64(last))])
}

// pcOf is a value of PC_B that reaches a segment; -1 if there is none.
func (d *dispatcher) pcOf(segment int) int {
	for pc, s := range d.table {
		if int(s) == segment {
			return pc
		}
	}
	return -1
}

// jump recognises a jump to another segment at code[i], nest blocks deep in segment k.
func (d *dispatcher) jump(code []Instr, i, k, nest int) (target int, ok bool) {
	if i+2 < len(code) && code[i].Op == opI32Const && code[i+1].Op == opLocalSet && code[i+1].A == 0 &&
		code[i+2].Op == opBr && int(code[i+2].A) == nest+len(d.segments)-1-k {
		return d.segmentOf(code[i].A), true
	}
	return 0, false
}

// loops finds the loops: extent[i] is the last segment that jumps back to segment
// i, or -1. Extents are widened until they nest; that is always allowed, since a
// loop's extent only says how much code is copied into it.
func (d *dispatcher) loops() (extent []int) {
	extent = make([]int, len(d.segments))
	for i := range extent {
		extent[i] = -1
	}
	for k, code := range d.segments {
		nest := 0
		for i := range code {
			switch code[i].Op {
			case opBlock, opLoop, opIf:
				nest++
			case opEnd:
				nest--
			}
			if target, ok := d.jump(code, i, k, nest); ok && target <= k {
				extent[target] = k
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i, j := range extent {
			for inner := i + 1; inner <= j; inner++ {
				if extent[inner] > j {
					extent[i], changed = extent[inner], true
					break
				}
			}
		}
	}
	return extent
}
