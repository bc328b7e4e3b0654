package h5

import (
	"errors"
	"strings"
)

const maxStrings = 10_000 // of one attribute

// attributes keeps the string attributes of a group; others say nothing about weights.
func (f *file) attributes(n *Node, ms messages) error {
	for _, m := range ms {
		if m.kind != msgAttribute {
			continue
		}
		name, values, err := f.attribute(m.data)
		if err != nil {
			return err
		}
		if values != nil {
			n.Attributes[name] = values
		}
	}
	return nil
}

// attribute returns nil values for what is not made of strings.
func (f *file) attribute(d []byte) (name string, values []string, err error) {
	c := cursor{b: d}
	version, flags := c.u8(), c.u8()
	nameSize, typeSize, spaceSize := uint64(c.u16()), uint64(c.u16()), uint64(c.u16())
	part := func(size uint64) []byte {
		b := c.bytes(size)
		if version == 1 {
			c.bytes(-size & 7) // padding
		}
		return b
	}
	switch {
	case c.err != nil:
		return "", nil, c.err
	case version < 1 || version > 3:
		return "", nil, errors.New("an attribute of an unknown version")
	case version > 1 && flags != 0: // shared datatype or dataspace
		return "", nil, nil
	case version == 3:
		c.u8() // character set of the name
	}
	name, _, _ = strings.Cut(string(part(nameSize)), "\x00")
	kind, space := part(typeSize), part(spaceSize)
	shape, err := dataspace(space)
	if err == nil {
		err = c.err
	}
	if err != nil {
		return "", nil, err
	}
	count := 1
	for _, s := range shape {
		count *= s
	}
	t := cursor{b: kind}
	class, bits := t.u8(), t.bytes(3)
	size := uint64(t.u32())
	if t.err != nil {
		return "", nil, t.err
	}
	isText := class&15 == 3 || class&15 == 9 && bits[0]&15 == 1
	if !isText || count > maxStrings {
		return name, nil, nil
	}
	values = []string{}
	for range count {
		if err := f.spend(size); err != nil {
			return "", nil, err
		}
		var text []byte
		if class&15 == 3 {
			text = c.bytes(size)
		} else {
			length, heap, index := uint64(c.u32()), c.u64(), c.u32()
			if c.err == nil && length > 0 {
				if text, err = f.globalObject(heap, index, length); err != nil {
					return "", nil, err
				}
			}
		}
		if c.err != nil {
			return "", nil, c.err
		}
		end := strings.TrimRight(string(text), "\x00")
		values = append(values, end)
	}
	return name, values, nil
}

// globalObject returns the first bytes of an object in a global heap, where strings
// of variable length lie.
func (f *file) globalObject(address uint64, index uint32, length uint64) ([]byte, error) {
	c := f.at(address)
	c.expect("GCOL")
	c.bytes(4)
	size := c.u64()
	if c.err != nil {
		return nil, c.err
	}
	if size < 16 {
		return nil, errShort
	}
	if err := f.spend(size); err != nil {
		return nil, err
	}
	heap := f.at(address)
	inside := cursor{b: heap.bytes(size), at: 16, err: heap.err}
	for c.err == nil && inside.err == nil {
		id := inside.u16()
		inside.bytes(6)
		n := inside.u64()
		if id == 0 {
			break // the free space at the end
		}
		b := inside.bytes(n)
		if uint32(id) == index && inside.err == nil {
			if length > n {
				return nil, errShort
			}
			return b[:length], nil
		}
		inside.bytes(-n & 7)
	}
	return nil, errors.New("the text of an attribute is not where it should be: the file is damaged")
}
