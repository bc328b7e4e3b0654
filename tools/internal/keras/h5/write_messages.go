package h5

import (
	"fmt"
	"math"
)

// dataset places a dataset's values and returns the messages that describe it.
func (w *writer) dataset(d *draft) [][]byte {
	raw := make([]byte, 0, 4*len(d.data))
	for _, v := range d.data {
		raw = le.AppendUint32(raw, math.Float32bits(v))
	}
	at := undefined
	if len(raw) > 0 {
		at = w.place(raw)
	}
	space := append([]byte{1, byte(len(d.shape)), 0}, make([]byte, 5)...)
	for _, s := range d.shape {
		space = le.AppendUint64(space, uint64(s))
	}
	// IEEE single precision, little-endian: sign at bit 31, exponent of 8 bits at 23 with bias 127.
	float := []byte{0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0}
	layout := le.AppendUint64([]byte{3, 1}, at)
	layout = le.AppendUint64(layout, uint64(len(raw)))
	fill := []byte{2, 2, 2, 1, 0, 0, 0, 0} // zeros, where space is allocated late
	const msgFill = 0x05
	return [][]byte{wrap(msgDataspace, space), wrap(msgDatatype, float), wrap(msgFill, fill), wrap(msgLayout, layout)}
}

// wrap puts a message's prefix before it and pads it.
func wrap(kind uint16, data []byte) []byte {
	data = append(data, make([]byte, -len(data)&7)...)
	m := le.AppendUint16(nil, kind)
	m = le.AppendUint16(m, uint16(len(data)))
	return append(append(m, 0, 0, 0, 0), data...)
}

// attributeMessage writes strings of one length, padded with zeros.
func attributeMessage(a attribute) ([]byte, error) {
	size := 1
	for _, v := range a.values {
		size = max(size, len(v))
	}
	space := append([]byte{1, 1, 0}, make([]byte, 5)...)
	space = le.AppendUint64(space, uint64(len(a.values)))
	if a.scalar {
		space = make([]byte, 8)
		space[0] = 1
	}
	kind := le.AppendUint32([]byte{0x13, 1, 0, 0}, uint32(size)) // string, padded with zeros, ASCII
	name := append([]byte(a.name), 0)
	m := []byte{1, 0}
	m = le.AppendUint16(m, uint16(len(name)))
	m = le.AppendUint16(m, uint16(len(kind)))
	m = le.AppendUint16(m, uint16(len(space)))
	for _, part := range [][]byte{name, kind, space} {
		m = append(m, part...)
		m = append(m, make([]byte, -len(part)&7)...)
	}
	for _, v := range a.values {
		m = append(m, v...)
		m = append(m, make([]byte, size-len(v))...)
	}
	if len(m) > 64_000 {
		return nil, fmt.Errorf("h5: attribute %q takes %d bytes, the format has room for 64,000", a.name, len(m))
	}
	return wrap(msgAttribute, m), nil
}
