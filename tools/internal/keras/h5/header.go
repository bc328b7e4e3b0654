package h5

import (
	"errors"
	"fmt"
)

// Types of messages in an object header.
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0B
	msgAttribute    = 0x0C
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
)

const maxMessages = 10_000 // of one object

type message struct {
	kind   uint16
	shared bool // its data lies elsewhere, as with a committed datatype
	data   []byte
}

type messages []message

// get returns the data of the first message of a kind, nil where there is none.
func (m messages) get(kind uint16) []byte {
	for _, x := range m {
		if x.kind == kind {
			return x.data
		}
	}
	return nil
}

func (m messages) has(kind uint16) bool {
	for _, x := range m {
		if x.kind == kind {
			return true
		}
	}
	return false
}

// block is a run of messages.
type block struct {
	at, length uint64
}

// header collects the messages of the object header at address, of either version.
func (f *file) header(address uint64) (messages, error) {
	c := f.at(address)
	first := c.u8()
	if c.err != nil {
		return nil, c.err
	}
	var all messages
	blocks := []block{}
	order := false // version 2: messages carry their order of creation
	modern := first != 1
	if modern {
		c.at = address
		c.expect("OHDR")
		version, flags := c.u8(), c.u8()
		if c.err == nil && version != 2 {
			return nil, fmt.Errorf("object header version %d is unknown: want 1 or 2", version)
		}
		if flags&0x20 != 0 {
			c.bytes(16) // times
		}
		if flags&0x10 != 0 {
			c.bytes(4) // when attributes are stored elsewhere
		}
		order = flags&0x04 != 0
		size := c.uint(1 << (flags & 3))
		blocks = append(blocks, block{c.at, size})
	} else {
		c.bytes(1 + 2 + 4) // reserved, number of messages, reference count
		size := c.u32()
		c.bytes(4)
		blocks = append(blocks, block{c.at, uint64(size)})
	}
	if c.err != nil {
		return nil, c.err
	}
	for i := 0; i < len(blocks); i++ {
		if i > 1000 {
			return nil, errors.New("an object header goes on in more than 1000 places: the file is damaged")
		}
		b := f.at(blocks[i].at)
		part := &cursor{b: b.bytes(blocks[i].length)}
		if b.err != nil {
			return nil, b.err
		}
		if err := f.spend(blocks[i].length); err != nil {
			return nil, err
		}
		found, err := part.messages(modern, order, modern && i > 0)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if m.kind == msgContinuation {
				d := cursor{b: m.data}
				blocks = append(blocks, block{d.u64(), d.u64()})
				if d.err != nil {
					return nil, d.err
				}
				continue
			}
			if all = append(all, m); len(all) > maxMessages {
				return nil, fmt.Errorf("an object header holds more than %d messages: the file is damaged", maxMessages)
			}
		}
	}
	return all, nil
}

// messages splits a block; a continuation of version 2 has a signature and a checksum around it.
func (c *cursor) messages(modern, order, continued bool) (messages, error) {
	if continued {
		c.expect("OCHK")
		if len(c.b) < 8 {
			return nil, errShort
		}
		c.b = c.b[:len(c.b)-4]
	}
	var all messages
	prefix := uint64(8)
	if modern {
		prefix = 4
		if order {
			prefix = 6
		}
	}
	for c.err == nil && uint64(len(c.b))-c.at >= prefix { // less is a gap
		var m message
		var size uint16
		var flags uint8
		if modern {
			m.kind, size, flags = uint16(c.u8()), c.u16(), c.u8()
			if order {
				c.u16()
			}
		} else {
			m.kind, size, flags = c.u16(), c.u16(), c.u8()
			c.bytes(3)
		}
		m.shared = flags&2 != 0
		m.data = c.bytes(uint64(size))
		if all = append(all, m); len(all) > maxMessages {
			return nil, fmt.Errorf("an object header holds more than %d messages: the file is damaged", maxMessages)
		}
	}
	return all, c.err
}
