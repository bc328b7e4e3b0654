package h5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// leafSize is how many members a group may have here: all of them in one leaf of its index.
const leafSize = 64

// treeSize is half the number of leaves that an index node has room for, HDF5's default.
const treeSize = 16

// Builder makes a file in HDF5's earliest format, which every version of every
// program reads. The same calls make the same bytes.
type Builder struct {
	root *draft
	err  error
}

// draft is a group or dataset to be written.
type draft struct {
	members    map[string]*draft // of a group
	attributes []attribute
	shape      []int // of a dataset
	data       []float32
	dataset    bool
	links      uint32 // names that it has
	address    uint64 // where its header stands, once written
}

type attribute struct {
	name   string
	values []string
	scalar bool
}

// NewBuilder returns a builder of an empty file.
func NewBuilder() *Builder {
	return &Builder{root: &draft{members: map[string]*draft{}, links: 1}}
}

// Group makes a group, and those above it, where they are missing.
func (b *Builder) Group(path string) { b.group(path) }

func (b *Builder) group(path string) *draft {
	d := b.root
	if path == "" {
		return d
	}
	for part := range strings.SplitSeq(path, "/") {
		next, ok := d.members[part]
		if !ok {
			next = &draft{members: map[string]*draft{}, links: 1}
			d.members[part] = next
		}
		if next.dataset {
			b.fail("h5: %q is a dataset, not a group", path)
		}
		d = next
	}
	return d
}

// Dataset adds float32 values, row-major; data is read when the file is written.
func (b *Builder) Dataset(path string, shape []int, data []float32) {
	n := 1
	for _, s := range shape {
		n *= s
	}
	if n != len(data) {
		b.fail("h5: %q has %d values, its shape %v wants %d", path, len(data), shape, n)
	}
	b.put(path, &draft{dataset: true, shape: shape, data: data, links: 1})
}

// Link gives the object at an existing path a second name.
func (b *Builder) Link(path, existing string) {
	d := b.root
	for part := range strings.SplitSeq(existing, "/") {
		if d = d.members[part]; d == nil {
			b.fail("h5: there is no %q to link %q to", existing, path)
			return
		}
	}
	d.links++
	b.put(path, d)
}

func (b *Builder) put(path string, d *draft) {
	folder, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		folder, name = path[:i], path[i+1:]
	}
	g := b.group(folder)
	if _, ok := g.members[name]; ok || name == "" {
		b.fail("h5: %q is there already, or has no name", path)
		return
	}
	g.members[name] = d
}

// Text gives the group at path an attribute of one string.
func (b *Builder) Text(path, name, value string) {
	g := b.group(path)
	g.attributes = append(g.attributes, attribute{name, []string{value}, true})
}

// Texts gives the group at path an attribute that is a list of strings.
func (b *Builder) Texts(path, name string, values []string) {
	g := b.group(path)
	g.attributes = append(g.attributes, attribute{name, values, false})
}

func (b *Builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// Bytes returns the file.
func (b *Builder) Bytes() ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	w := &writer{}
	w.b = make([]byte, 96) // the superblock, filled in at the end
	root, err := w.write(b.root)
	if err != nil {
		return nil, err
	}
	s := append([]byte(Signature), 0, 0, 0, 0, 0, 8, 8, 0)
	s = le.AppendUint16(s, leafSize/2)
	s = le.AppendUint16(s, treeSize)
	s = le.AppendUint32(s, 0)
	for _, v := range []uint64{0, undefined, uint64(len(w.b)), undefined} { // base, free space, end, driver
		s = le.AppendUint64(s, v)
	}
	s = append(s, entry(0, b.root.address, &root)...)
	copy(w.b, s)
	return w.b, nil
}

var le = binary.LittleEndian

// index is where a group's B-tree and heap of names stand.
type index struct{ tree, heap uint64 }

// entry is a group member in the index: its name's offset and its header's
// address, and, for the root, where its own index is.
func entry(name, header uint64, root *index) []byte {
	e := le.AppendUint64(nil, name)
	e = le.AppendUint64(e, header)
	if root == nil {
		return append(e, make([]byte, 24)...)
	}
	e = le.AppendUint64(e, 1)
	e = le.AppendUint64(e, root.tree)
	return le.AppendUint64(e, root.heap)
}

type writer struct{ b []byte }

// place appends a structure at a multiple of eight bytes and returns its address.
func (w *writer) place(structure []byte) uint64 {
	w.b = append(w.b, make([]byte, -len(w.b)&7)...)
	at := uint64(len(w.b))
	w.b = append(w.b, structure...)
	return at
}

// write writes an object, its members first.
func (w *writer) write(d *draft) (index, error) {
	var at index
	if d.address != 0 {
		return at, nil // another name of what is written
	}
	var messages [][]byte
	if d.dataset {
		messages = w.dataset(d)
	} else {
		var err error
		if at, err = w.group(d); err != nil {
			return at, err
		}
		m := le.AppendUint64(nil, at.tree)
		messages = append(messages, wrap(msgSymbolTable, le.AppendUint64(m, at.heap)))
		for _, a := range d.attributes {
			m, err := attributeMessage(a)
			if err != nil {
				return at, err
			}
			messages = append(messages, m)
		}
	}
	body := slices.Concat(messages...)
	h := []byte{1, 0}
	h = le.AppendUint16(h, uint16(len(messages)))
	h = le.AppendUint32(h, d.links)
	h = le.AppendUint32(h, uint32(len(body)))
	h = append(h, 0, 0, 0, 0)
	d.address = w.place(append(h, body...))
	return at, nil
}

func (w *writer) group(d *draft) (index, error) {
	names := make([]string, 0, len(d.members))
	for name := range d.members {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) > leafSize {
		return index{}, errors.New("h5: a group has more members than are written")
	}
	heap := make([]byte, 8) // the empty name
	leaf := []byte{'S', 'N', 'O', 'D', 1, 0}
	leaf = le.AppendUint16(leaf, uint16(len(names)))
	last := uint64(0)
	for _, name := range names {
		if _, err := w.write(d.members[name]); err != nil {
			return index{}, err
		}
		last = uint64(len(heap))
		leaf = append(leaf, entry(last, d.members[name].address, nil)...)
		heap = append(heap, name...)
		heap = append(heap, 0)
		heap = append(heap, make([]byte, -len(heap)&7)...)
	}
	tree := append([]byte("TREE"), 0, 0, 0, 0)
	tree = le.AppendUint64(tree, undefined)
	tree = le.AppendUint64(tree, undefined)
	if len(names) > 0 {
		tree[6] = 1 // one leaf, between the keys "" and the last name
		leaf = append(leaf, make([]byte, 8+40*leafSize-len(leaf))...)
		tree = le.AppendUint64(tree, 0)
		tree = le.AppendUint64(tree, w.place(leaf))
		tree = le.AppendUint64(tree, last)
	}
	tree = append(tree, make([]byte, 24+16*2*treeSize+8-len(tree))...)

	data := w.place(heap)
	h := append([]byte("HEAP"), 0, 0, 0, 0)
	h = le.AppendUint64(h, uint64(len(heap)))
	h = le.AppendUint64(h, 1) // no free space
	h = le.AppendUint64(h, data)
	return index{tree: w.place(tree), heap: w.place(h)}, nil
}
