// Package h5 reads and writes the part of HDF5 that Keras' weight files use:
// groups, string attributes, and contiguous little-endian float32 datasets.
//
// It is written by hand because these files come from strangers. The reader works
// on bytes in memory and bounds everything by their number: depth, objects, sizes.
// What it does not read it names. (The Go library that was looked at,
// scigolib/hdf5 0.13.18, does not come back from a group that is a member of itself,
// allocates whatever a header asks for, leaves out what it cannot read without an
// error, and its hard links make files that libhdf5 refuses.)
//
// The format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
package h5

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Signature opens every HDF5 file.
const Signature = "\x89HDF\r\n\x1a\n"

const (
	maxDepth   = 24      // groups within groups; Keras needs about six
	maxObjects = 50_000  // groups and datasets of a file
	maxWork    = 1 << 28 // bytes looked at besides the data; a file of Keras needs thousands
	undefined  = ^uint64(0)
)

// Node is a group or a dataset. A dataset with two names (hard links) is two nodes.
type Node struct {
	Address    uint64              // of its header: nodes of one address are one object
	Path       string              // "layers/conv2d/vars/0"; "" for the root
	Name       string              // the last part of it
	Children   []*Node             // of a group, sorted by name
	Dataset    *Dataset            // nil for a group
	Attributes map[string][]string // those that are strings or arrays of strings
}

// At returns the node below n at a path with slashes, nil where there is none.
func (n *Node) At(path string) *Node {
	for part := range strings.SplitSeq(path, "/") {
		i := slices.IndexFunc(n.Children, func(c *Node) bool { return c.Name == part })
		if i < 0 {
			return nil
		}
		n = n.Children[i]
	}
	return n
}

// Read parses a whole file and returns its root group. An error says what is
// damaged or unsupported, and where.
func Read(b []byte) (*Node, error) {
	f := &file{b: b}
	root, err := f.superblock()
	if err != nil {
		return nil, err
	}
	return f.node(root, "", "", 0)
}

// file is what is being read.
type file struct {
	b       []byte
	objects int
	work    uint64
}

// spend counts bytes looked at, so that structures that share parts (which the
// format allows) cannot make a small file take long.
func (f *file) spend(n uint64) error {
	if f.work += n; n > maxWork || f.work > maxWork {
		return errors.New("its structures overlap too often: the file is damaged, or not a file of weights")
	}
	return nil
}

// superblock returns the address of the root group's object header.
func (f *file) superblock() (uint64, error) {
	c := cursor{b: f.b}
	if string(c.bytes(8)) != Signature {
		if at := userBlock(f.b); at > 0 {
			return 0, fmt.Errorf("a user block of %d bytes stands before the HDF5 data: want a file without one", at)
		}
		return 0, errors.New("this is not an HDF5 file")
	}
	version := c.u8()
	var base, end, root uint64
	switch version {
	case 0, 1:
		c.bytes(4) // versions of parts that have only one, and a reserved byte
		c.sizes()
		c.bytes(1 + 2 + 2 + 4) // reserved, the B-trees' fan-outs, flags
		if version == 1 {
			c.bytes(4)
		}
		base = c.u64()
		c.u64()
		end = c.u64()
		c.u64()
		c.u64() // the root's name
		root = c.u64()
	case 2, 3:
		c.sizes()
		c.u8()
		base = c.u64()
		c.u64()
		end = c.u64()
		root = c.u64()
	default:
		return 0, fmt.Errorf("HDF5 superblock version %d is unknown: want 0 to 3", version)
	}
	switch {
	case c.err != nil:
		return 0, fmt.Errorf("HDF5 superblock: %w", c.err)
	case base != 0:
		return 0, fmt.Errorf("the HDF5 data has base address %d: want 0, a file without a user block", base)
	case end > uint64(len(f.b)):
		return 0, fmt.Errorf("the file is cut off: it says that it has %d bytes, here are %d", end, len(f.b))
	}
	return root, nil
}

// userBlock finds a signature behind a user block, which is 512 bytes or a power of two above.
func userBlock(b []byte) int {
	for at := 512; at+8 <= len(b) && at <= 1<<20; at *= 2 {
		if bytes.HasPrefix(b[at:], []byte(Signature)) {
			return at
		}
	}
	return 0
}

// node reads the object whose header is at address.
func (f *file) node(address uint64, path, name string, depth int) (*Node, error) {
	if f.objects++; f.objects > maxObjects {
		return nil, fmt.Errorf("more than %d groups and datasets: not a file of weights, or one whose links go in circles", maxObjects)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("group %q lies more than %d levels deep: not a file of weights, or one whose links go in circles", clip(path), maxDepth)
	}
	messages, err := f.header(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where(path), err)
	}
	n := &Node{Address: address, Path: path, Name: name, Attributes: map[string][]string{}}
	if messages.has(msgLayout) || messages.has(msgDatatype) {
		n.Dataset = &Dataset{path: path, messages: messages, file: f.b}
		if n.Dataset.Shape, err = dataspace(messages.get(msgDataspace)); err != nil {
			return nil, fmt.Errorf("%s: %w", where(path), err)
		}
		return n, nil
	}
	if err := f.attributes(n, messages); err != nil {
		return nil, fmt.Errorf("%s: %w", where(path), err)
	}
	links, err := f.links(messages)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where(path), err)
	}
	slices.SortFunc(links, func(a, b link) int { return strings.Compare(a.name, b.name) })
	for i, l := range links {
		if l.name == "" || l.name == "." || strings.Contains(l.name, "/") || i > 0 && l.name == links[i-1].name {
			return nil, fmt.Errorf("%s: a member is called %q, twice or against the format's rules: the file is damaged", where(path), clip(l.name))
		}
		childPath := l.name
		if path != "" {
			childPath = path + "/" + l.name
		}
		child, err := f.node(l.address, childPath, l.name, depth+1)
		if err != nil {
			return nil, err
		}
		n.Children = append(n.Children, child)
	}
	return n, nil
}

func where(path string) string {
	if path == "" {
		return "the root group"
	}
	return fmt.Sprintf("%q", clip(path))
}

// clip keeps names out of files short enough for a line of a message.
func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}
