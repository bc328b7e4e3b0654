package wasmopt

import "errors"

var (
	errTruncated = errors.New("the data ends in the middle of a value")
	errLEB       = errors.New("a LEB128 number is too long or out of range")
)

// reader walks a byte slice. The first failure sticks; offsets count from the
// start of the slice that the reader was made for, plus base.
type reader struct {
	data []byte
	pos  int
	base int
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) done() bool { return r.err != nil || r.pos >= len(r.data) }

func (r *reader) byte() byte {
	if r.err != nil {
		return 0
	}
	if r.pos >= len(r.data) {
		r.fail(errTruncated)
		return 0
	}
	b := r.data[r.pos]
	r.pos++
	return b
}

func (r *reader) bytes(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(len(r.data)-r.pos) {
		r.fail(errTruncated)
		return nil
	}
	b := r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// u32 reads an unsigned LEB128 of at most 32 bits. Padding is accepted, as the
// specification does and Go's linker needs (it writes function indices as signed).
func (r *reader) u32() uint32 {
	var v uint64
	for shift := uint(0); shift < 35; shift += 7 {
		b := r.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v>>32 != 0 {
				break
			}
			return uint32(v)
		}
	}
	r.fail(errLEB)
	return 0
}

// signed reads a signed LEB128 of at most bits bits.
func (r *reader) signed(bits uint) int64 {
	var v int64
	for shift := uint(0); shift < bits; shift += 7 {
		b := r.byte()
		v |= int64(b&0x7f) << shift
		if b < 0x80 {
			used := shift + 7
			if used < 64 && b&0x40 != 0 {
				v |= -1 << used
			}
			if bits < 64 && (v < -1<<(bits-1) || v >= 1<<(bits-1)) {
				break
			}
			if shift == 63 && b != 0 && b != 0x7f {
				break
			}
			return v
		}
	}
	r.fail(errLEB)
	return 0
}

// count reads the length of a vector whose elements take at least one byte each.
func (r *reader) count() int {
	n := r.u32()
	if r.err == nil && uint64(n) > uint64(len(r.data)-r.pos) {
		r.fail(errTruncated)
		return 0
	}
	return int(n)
}

func (r *reader) name() string { return string(r.bytes(uint64(r.u32()))) }

func appendU32(dst []byte, v uint32) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

func appendSigned(dst []byte, v int64) []byte {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(dst, b)
		}
		dst = append(dst, b|0x80)
	}
}

// appendPadded writes v in exactly width bytes when it fits, as Go's linker pads
// section sizes to five, and in as few as possible otherwise.
func appendPadded(dst []byte, v uint32, width int) []byte {
	if width < 5 && uint64(v)>>(7*width) != 0 {
		return appendU32(dst, v)
	}
	for range width - 1 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}
