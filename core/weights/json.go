package weights

import (
	"errors"
	"strconv"
	"unicode/utf8"
)

// parser reads the header: just the JSON that safetensors allows there, an
// object of flat objects, strictly. It never recurses, and it allocates no more
// than the names, shapes and strings that it has read.
type parser struct {
	b []byte
	i int
}

func (p *parser) fail(msg string) error {
	return errors.New("header, byte " + strconv.Itoa(p.i) + ": " + msg)
}

// header reads the whole header.
func (p *parser) header() (entries []entry, metadata map[string]string, err error) {
	if len(p.b) == 0 || p.b[0] != '{' {
		return nil, nil, errors.New("is not a safetensors file: its header does not begin with {")
	}
	seen := map[string]bool{}
	err = p.object(func(key string) error {
		if seen[key] {
			return p.fail("the key " + quote(key) + " occurs twice")
		}
		seen[key] = true
		if key == metadataKey {
			metadata = map[string]string{}
			return p.metadata(metadata)
		}
		e, err := p.entry(key)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if p.space(); p.i < len(p.b) {
		return nil, nil, p.fail("there is more after the closing }")
	}
	return entries, metadata, nil
}

func (p *parser) metadata(m map[string]string) error {
	return p.object(func(key string) error {
		if _, ok := m[key]; ok {
			return p.fail("the metadata " + quote(key) + " occurs twice")
		}
		v, err := p.text("metadata", key)
		m[key] = v
		return err
	})
}

// entry reads {"dtype":…,"shape":[…],"data_offsets":[begin,end]}, in any order.
func (p *parser) entry(name string) (entry, error) {
	e := entry{name: name}
	if name == "" {
		return e, p.fail("a tensor has no name")
	}
	var dtype, shape, offsets bool
	once := func(field *bool, key string) error {
		if *field {
			return p.fail("tensor " + quote(name) + " has " + key + " twice")
		}
		*field = true
		return nil
	}
	err := p.object(func(key string) (err error) {
		var buf [maxRank]uint64
		switch key {
		case "dtype":
			if err = once(&dtype, key); err == nil {
				e.dtype, err = p.text("the dtype of tensor", name)
			}
		case "shape":
			if err = once(&shape, key); err == nil {
				var n int
				n, err = p.integers(buf[:], "the shape of tensor", name)
				e.shape = make([]int, n)
				for i := range e.shape {
					e.shape[i] = int(buf[i])
				}
			}
		case "data_offsets":
			if err = once(&offsets, key); err == nil {
				var n int
				n, err = p.integers(buf[:2], "the data_offsets of tensor", name)
				if err == nil && n != 2 {
					err = p.fail("the data_offsets of tensor " + quote(name) + " are not two numbers")
				}
				e.begin, e.end = buf[0], buf[1]
			}
		default:
			err = p.fail("tensor " + quote(name) + " has the unknown field " + quote(key))
		}
		return err
	})
	if err == nil && !(dtype && shape && offsets) {
		err = p.fail("tensor " + quote(name) + " lacks dtype, shape or data_offsets")
	}
	return e, err
}

// object reads {"key":value,…}; value reads the value of a key.
func (p *parser) object(value func(key string) error) error {
	if !p.take('{') {
		return p.fail("want {")
	}
	if p.take('}') {
		return nil
	}
	for {
		key, err := p.text("a key", "")
		if err != nil {
			return err
		}
		if !p.take(':') {
			return p.fail("want : after the key " + quote(key))
		}
		if err := value(key); err != nil {
			return err
		}
		if p.take('}') {
			return nil
		}
		if !p.take(',') {
			return p.fail("want , or }")
		}
	}
}

// integers reads an array of at most len(dst) integers from 0 to 2⁶³−1, and
// returns how many there were. of and name say whose they are, for messages.
func (p *parser) integers(dst []uint64, of, name string) (n int, err error) {
	fail := func(msg string) (int, error) { return 0, p.fail(of + " " + quote(name) + ": " + msg) }
	if !p.take('[') {
		return fail("want [")
	}
	if p.take(']') {
		return 0, nil
	}
	for {
		p.space()
		start := p.i
		for p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
			p.i++
		}
		const most = 19 // digits of 2⁶³−1
		digits := string(p.b[start:min(p.i, start+most)])
		v, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || p.i-start > most || digits[0] == '0' && len(digits) > 1 {
			return fail("want whole numbers from 0 to 2^63-1, without sign, point or leading zeros")
		}
		if n == len(dst) {
			return fail("more than " + strconv.Itoa(len(dst)) + " numbers")
		}
		dst[n] = v
		n++
		if p.take(']') {
			return n, nil
		}
		if !p.take(',') {
			return fail("want , or ]")
		}
	}
}

func (p *parser) space() {
	for p.i < len(p.b) && (p.b[p.i] == ' ' || p.b[p.i] == '\n' || p.b[p.i] == '\t' || p.b[p.i] == '\r') {
		p.i++
	}
}

// take skips white space, and c where it comes next.
func (p *parser) take(c byte) bool {
	p.space()
	if p.i < len(p.b) && p.b[p.i] == c {
		p.i++
		return true
	}
	return false
}

// text reads a string. of and name (where there is one) say whose it is, for
// messages.
func (p *parser) text(of, name string) (string, error) {
	fail := func(msg string) (string, error) {
		if name != "" {
			of += " " + quote(name)
		}
		return "", p.fail(of + ": " + msg)
	}
	if !p.take('"') {
		return fail("want a string")
	}
	// Without an escape, the common case, the string is a copy of its bytes.
	start := p.i
	var out []byte
	for p.i < len(p.b) {
		switch c := p.b[p.i]; {
		case c == '"':
			out = append(out, p.b[start:p.i]...)
			if !utf8.Valid(out) {
				return fail("not valid UTF-8")
			}
			p.i++
			return string(out), nil
		case c < ' ':
			return fail("a control character must be escaped")
		case c == '\\':
			out = append(out, p.b[start:p.i]...)
			r, ok := p.escape()
			if !ok {
				return fail("bad escape")
			}
			out = utf8.AppendRune(out, r)
			start = p.i
		default:
			p.i++
		}
	}
	return fail("the string does not end")
}

// escape reads an escape; a character beyond the basic plane is a pair of them.
func (p *parser) escape() (rune, bool) {
	if p.i+1 >= len(p.b) {
		return 0, false
	}
	c := p.b[p.i+1]
	if c != 'u' {
		const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
		for i := range len(from) {
			if from[i] == c {
				p.i += 2
				return rune(to[i]), true
			}
		}
		return 0, false
	}
	r, ok := p.unicode()
	if !ok || r < 0xd800 || r > 0xdfff {
		return r, ok
	}
	low, ok := p.unicode()
	if r >= 0xdc00 || !ok || low < 0xdc00 || low > 0xdfff {
		return 0, false // half of a pair
	}
	return 0x10000 + (r-0xd800)<<10 + (low - 0xdc00), true
}

// unicode reads \u and four hexadecimal digits.
func (p *parser) unicode() (rune, bool) {
	if p.i+6 > len(p.b) || p.b[p.i] != '\\' || p.b[p.i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range p.b[p.i+2 : p.i+6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	p.i += 6
	return r, true
}

// appendString appends s, which is valid UTF-8, as a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < ' ':
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
