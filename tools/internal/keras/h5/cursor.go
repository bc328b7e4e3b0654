package h5

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// cursor reads little-endian numbers and keeps the first error; after one
// everything that it returns is zero.
type cursor struct {
	b   []byte
	at  uint64
	err error
}

// errShort is what every read behind the end says.
var errShort = errors.New("a structure ends behind the end of the file: it is damaged or cut off")

// at returns a cursor at an address of the file.
func (f *file) at(address uint64) *cursor {
	c := &cursor{b: f.b, at: address}
	if address == undefined || address >= uint64(len(f.b)) {
		c.err = fmt.Errorf("address %#x lies outside the file: it is damaged or cut off", address)
	}
	return c
}

func (c *cursor) bytes(n uint64) []byte {
	if c.err == nil && (c.at > uint64(len(c.b)) || n > uint64(len(c.b))-c.at) {
		c.err = errShort
	}
	if c.err != nil {
		return nil
	}
	b := c.b[c.at : c.at+n]
	c.at += n
	return b
}

// uint reads an integer of 1, 2, 4 or 8 bytes.
func (c *cursor) uint(size uint64) uint64 {
	var whole [8]byte
	copy(whole[:], c.bytes(size))
	return binary.LittleEndian.Uint64(whole[:])
}

func (c *cursor) u8() uint8   { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }
func (c *cursor) u64() uint64 { return c.uint(8) }

// expect reads a signature.
func (c *cursor) expect(signature string) {
	if got := c.bytes(uint64(len(signature))); c.err == nil && string(got) != signature {
		c.err = fmt.Errorf("found %q where %q should stand: the file is damaged", got, signature)
	}
}

// sizes reads how wide addresses and lengths are: eight bytes in every file of today.
func (c *cursor) sizes() {
	if o, l := c.u8(), c.u8(); c.err == nil && (o != 8 || l != 8) {
		c.err = fmt.Errorf("addresses of %d and lengths of %d bytes: want 8 and 8, as h5py writes", o, l)
	}
}
