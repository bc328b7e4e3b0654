package h5

import (
	"errors"
	"fmt"
	"strings"
)

// link is a member of a group; soft and external links are left out, since what
// they point to is not there to be read.
type link struct {
	name    string
	address uint64
}

// links lists a group's members, in whichever of the two old ways they are stored.
func (f *file) links(ms messages) ([]link, error) {
	if d := ms.get(msgLinkInfo); d != nil {
		c := cursor{b: d}
		c.u8()
		if flags := c.u8(); flags&1 != 0 {
			c.u64()
		}
		if heap := c.u64(); c.err == nil && heap != undefined {
			return nil, errors.New(`its members are stored in a "dense" index, as libver="latest" makes it: want a file written with h5py's default libver`)
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	if d := ms.get(msgSymbolTable); d != nil {
		c := cursor{b: d}
		tree, heap := c.u64(), c.u64()
		if c.err != nil {
			return nil, c.err
		}
		names, err := f.localHeap(heap)
		if err != nil {
			return nil, err
		}
		var all []link
		budget := maxObjects
		err = f.groupTree(tree, names, &all, 0, &budget)
		return all, err
	}
	var all []link
	for _, m := range ms {
		if m.kind != msgLink {
			continue
		}
		l, hard, err := linkMessage(m.data)
		if err != nil {
			return nil, err
		}
		if hard {
			all = append(all, l)
		}
	}
	return all, nil
}

func linkMessage(d []byte) (l link, hard bool, err error) {
	c := cursor{b: d}
	version, flags := c.u8(), c.u8()
	if c.err == nil && version != 1 {
		return l, false, fmt.Errorf("link message version %d is unknown: want 1", version)
	}
	kind := uint8(0)
	if flags&0x08 != 0 {
		kind = c.u8()
	}
	if flags&0x04 != 0 {
		c.u64() // order of creation
	}
	if flags&0x10 != 0 {
		c.u8() // character set
	}
	l.name = string(c.bytes(c.uint(1 << (flags & 3))))
	if kind == 0 {
		l.address = c.u64()
	}
	return l, kind == 0, c.err
}

// localHeap returns the bytes that hold the names of a group's members.
func (f *file) localHeap(address uint64) ([]byte, error) {
	c := f.at(address)
	c.expect("HEAP")
	c.bytes(4)
	size := c.u64()
	c.u64()
	data := c.u64()
	if c.err != nil {
		return nil, c.err
	}
	d := f.at(data)
	b := d.bytes(size)
	if d.err != nil {
		return nil, d.err
	}
	return b, f.spend(size)
}

// groupTree collects the members below a node of a group's B-tree (version 1).
func (f *file) groupTree(address uint64, names []byte, all *[]link, depth int, budget *int) error {
	if *budget--; depth > 8 || *budget < 0 {
		return errors.New("the index of its members has no end: the file is damaged")
	}
	c := f.at(address)
	c.expect("TREE")
	kind, level, entries := c.u8(), c.u8(), c.u16()
	c.bytes(16) // siblings
	if c.err == nil && kind != 0 {
		return fmt.Errorf("the index of its members has type %d, want 0: the file is damaged", kind)
	}
	for range entries {
		c.u64() // key
		child := c.u64()
		if c.err != nil {
			return c.err
		}
		var err error
		if level > 0 {
			err = f.groupTree(child, names, all, depth+1, budget)
		} else {
			err = f.symbolNode(child, names, all, budget)
		}
		if err != nil {
			return err
		}
	}
	return c.err
}

// symbolNode collects the members of a leaf of that tree.
func (f *file) symbolNode(address uint64, names []byte, all *[]link, budget *int) error {
	c := f.at(address)
	c.expect("SNOD")
	c.bytes(2)
	entries := c.u16()
	const softLink = 2
	for range entries {
		if err := f.spend(64); err != nil {
			return err
		}
		if *budget--; *budget < 0 {
			return fmt.Errorf("a group has more than %d members: the file is damaged", maxObjects)
		}
		offset, header, cache := c.u64(), c.u64(), c.u32()
		c.bytes(4 + 16)
		if c.err != nil {
			return c.err
		}
		if cache == softLink {
			continue
		}
		if offset >= uint64(len(names)) {
			return errors.New("a member's name lies outside the heap of names: the file is damaged")
		}
		name, _, ended := strings.Cut(string(names[offset:min(offset+1024, uint64(len(names)))]), "\x00")
		if !ended {
			return errors.New("a member's name does not end: the file is damaged")
		}
		*all = append(*all, link{name, header})
	}
	return c.err
}
