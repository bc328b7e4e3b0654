package h5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const maxRank = 8

// Dataset is an array in the file.
type Dataset struct {
	Shape []int

	path     string
	messages messages
	file     []byte
}

// Float32 returns the values, row-major. It is an error, which says what was found,
// if they are anything but contiguous, uncompressed, little-endian IEEE float32.
func (d *Dataset) Float32() ([]float32, error) {
	raw, err := d.raw()
	if err != nil {
		return nil, fmt.Errorf("dataset %q %w", clip(d.path), err)
	}
	values := make([]float32, len(raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return values, nil
}

func (d *Dataset) raw() ([]byte, error) {
	for _, m := range d.messages {
		if m.shared && (m.kind == msgDatatype || m.kind == msgDataspace || m.kind == msgLayout) {
			return nil, errors.New("uses a committed (shared) datatype: want plain little-endian float32")
		}
	}
	if kind := typeName(d.messages.get(msgDatatype)); kind != "float32" {
		return nil, fmt.Errorf("holds %s: want little-endian float32", kind)
	}
	if filters := d.messages.get(msgFilters); filters != nil {
		return nil, fmt.Errorf("is compressed (%s): want it uncompressed, as Keras writes it", filterNames(filters))
	}
	if d.messages.has(msgExternal) {
		return nil, errors.New("keeps its values in another file: want them in this one")
	}
	n := uint64(4)
	for _, s := range d.Shape {
		n *= uint64(s) // dataspace has bounded the product
	}
	if n > uint64(len(d.file)) {
		return nil, fmt.Errorf("should hold %d bytes, the whole file has %d: it is damaged or cut off", n, len(d.file))
	}
	c := cursor{b: d.messages.get(msgLayout)}
	version, class := c.u8(), c.u8()
	if c.err == nil && version != 3 && version != 4 {
		return nil, fmt.Errorf("has layout version %d: want 3 or 4", version)
	}
	switch class {
	case 0: // compact: in the header itself
		raw := c.bytes(uint64(c.u16()))
		if c.err == nil && uint64(len(raw)) < n {
			c.err = fmt.Errorf("holds %d bytes, want %d: the file is damaged", len(raw), n)
		}
		if c.err != nil {
			return nil, c.err
		}
		return raw[:n], nil
	case 1: // contiguous
		address, size := c.u64(), c.u64()
		if c.err != nil {
			return nil, c.err
		}
		if n == 0 {
			return nil, nil
		}
		if address == undefined {
			return nil, errors.New("was never written: it holds no values")
		}
		if size < n {
			return nil, fmt.Errorf("holds %d bytes, want %d: the file is damaged", size, n)
		}
		data := (&file{b: d.file}).at(address)
		raw := data.bytes(n)
		return raw, data.err
	case 2:
		return nil, errors.New("is stored in chunks: want it contiguous, as Keras writes it")
	}
	return nil, fmt.Errorf("has layout class %d: want contiguous", class)
}

// dataspace returns a shape; its number of elements fits an int, four bytes each.
func dataspace(d []byte) ([]int, error) {
	c := cursor{b: d}
	version, rank := c.u8(), c.u8()
	c.u8() // flags: whether maximal dimensions follow
	switch version {
	case 1:
		c.bytes(5)
	case 2:
		if kind := c.u8(); c.err == nil && kind == 2 {
			return []int{0}, nil // the null dataspace: no element
		}
	default:
		if c.err == nil {
			return nil, fmt.Errorf("dataspace version %d is unknown: want 1 or 2", version)
		}
	}
	if rank > maxRank {
		return nil, fmt.Errorf("%d dimensions, at most %d are read", rank, maxRank)
	}
	shape := make([]int, rank)
	total := uint64(1)
	for i := range shape {
		n := c.u64()
		if n > math.MaxInt32 {
			return nil, fmt.Errorf("a dimension of %d: no model here is that large", n)
		}
		shape[i] = int(n)
		if total *= max(n, 1); total > math.MaxInt32 {
			return nil, errors.New("more than 2 billion elements: no model here is that large")
		}
	}
	return shape, c.err
}

// typeName names a datatype: "float32" is little-endian IEEE single precision and nothing else.
func typeName(d []byte) string {
	c := cursor{b: d}
	class, bits := c.u8(), c.bytes(3)
	size := c.u32()
	if c.err != nil {
		return "a damaged datatype"
	}
	switch class & 15 {
	case 0:
		kind := "int"
		if bits[0]&8 == 0 {
			kind = "uint"
		}
		return fmt.Sprintf("%s%s%d", endian(bits[0]&1 != 0), kind, 8*uint64(size))
	case 1:
		properties := [...]uint64{c.uint(2), c.uint(2), c.uint(1), c.uint(1), c.uint(1), c.uint(1), c.uint(4)}
		if c.err != nil {
			return "a damaged datatype"
		}
		order := endian(bits[0]&1 != 0)
		if bits[0]&0x40 != 0 {
			order = "VAX-endian "
		}
		switch properties {
		case [...]uint64{0, 32, 23, 8, 0, 23, 127}:
			return order + "float32"
		case [...]uint64{0, 16, 10, 5, 0, 10, 15}:
			return order + "float16 (half precision)"
		case [...]uint64{0, 16, 7, 8, 0, 7, 127}:
			return order + "bfloat16 (half precision)"
		case [...]uint64{0, 64, 52, 11, 0, 52, 1023}:
			return order + "float64 (double precision)"
		}
		return fmt.Sprintf("%sfloating-point numbers of an unknown kind (%d bytes)", order, size)
	case 3:
		return "strings"
	case 6:
		return "compound values"
	case 9:
		return "values of variable length"
	}
	return fmt.Sprintf("values of HDF5 class %d", class&15)
}

func endian(big bool) string {
	if big {
		return "big-endian "
	}
	return ""
}

// filterNames lists a dataset's filters.
func filterNames(d []byte) string {
	c := cursor{b: d}
	version, count := c.u8(), c.u8()
	if version == 1 {
		c.bytes(6)
	}
	names := map[uint16]string{1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scale-offset", 32000: "lzf"}
	if id := c.u16(); c.err == nil && count > 0 {
		if name, ok := names[id]; ok {
			if count > 1 {
				return name + " and more"
			}
			return name
		}
		return fmt.Sprintf("filter %d", id)
	}
	return "an unknown filter"
}
