package wasmopt

import (
	"bytes"
	"errors"
	"fmt"
)

// Section identifiers.
const (
	secCustom   = 0
	secType     = 1
	secImport   = 2
	secFunction = 3
	secTable    = 4
	secMemory   = 5
	secGlobal   = 6
	secCode     = 10
)

var magic = []byte("\x00asm\x01\x00\x00\x00")

// section is a section of the file. header is its identifier and size as they were
// read, payload what they announce; offset is where the payload starts in the file.
type section struct {
	id      byte
	header  []byte
	payload []byte
	offset  int
	name    string // custom sections
}

// FuncType is a function's signature, value types as letters.
type FuncType struct{ Params, Results string }

type global struct {
	typ     ValType
	mutable bool
}

// Func is a function that the module defines.
type Func struct {
	Name   string // from the name section; empty where there is none
	Index  int    // among all functions, imports first
	Type   FuncType
	size   []byte // the encoding of the body's size, as read
	body   []byte
	offset int // of body in the file
}

// Module is a parsed module. It aliases the bytes it was parsed from.
type Module struct {
	sections []section
	types    []FuncType
	funcs    []FuncType // signatures of all functions, imports first
	globals  []global
	tables   int
	memories int
	isGo     bool

	Funcs []*Func // defined functions, in order
}

// Parse reads a module. Functions are not decoded yet.
func Parse(data []byte) (*Module, error) {
	if !bytes.HasPrefix(data, magic[:4]) {
		return nil, errors.New("not a WebAssembly module (no \\0asm at its start)")
	}
	if !bytes.HasPrefix(data, magic) {
		return nil, errors.New("not a version 1 core module")
	}
	m := &Module{}
	r := &reader{data: data, pos: len(magic)}
	var declared []FuncType
	for !r.done() {
		start := r.pos
		id := r.byte()
		size := r.u32()
		s := section{id: id, header: data[start:r.pos:r.pos], offset: r.pos}
		s.payload = r.bytes(uint64(size))
		if r.err != nil {
			return nil, fmt.Errorf("section %d at offset 0x%x: %w", id, start, r.err)
		}
		p := &reader{data: s.payload, base: s.offset}
		switch id {
		case secCustom:
			s.name = p.name()
			m.customSection(s.name, p)
		case secType:
			m.typeSection(p)
		case secImport:
			m.importSection(p)
		case secFunction:
			for range p.count() {
				declared = append(declared, m.typeAt(p, p.u32()))
			}
			m.funcs = append(m.funcs, declared...)
		case secTable:
			m.tables += p.count()
		case secMemory:
			m.memories += p.count()
		case secGlobal:
			m.globalSection(p)
		case secCode:
			m.codeSection(p, declared)
		}
		if p.err != nil {
			return nil, fmt.Errorf("section %d, offset 0x%x: %w", id, s.offset+p.pos, p.err)
		}
		m.sections = append(m.sections, s)
	}
	if len(m.Funcs) != len(declared) {
		return nil, fmt.Errorf("%d functions are declared and %d have a body", len(declared), len(m.Funcs))
	}
	for _, s := range m.sections {
		if s.id == secCustom && s.name == "name" {
			if err := m.nameSection(s); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// Encode writes the module: sections whose content did not change are the bytes
// that were read. Custom sections that drop names are left out.
func (m *Module) Encode(drop func(custom string) bool) []byte {
	dst := append([]byte(nil), magic...)
	for _, s := range m.sections {
		if s.id == secCustom && drop != nil && drop(s.name) {
			continue
		}
		if s.id != secCode {
			dst = append(append(dst, s.header...), s.payload...)
			continue
		}
		payload := appendU32(make([]byte, 0, len(s.payload)), uint32(len(m.Funcs)))
		for _, f := range m.Funcs {
			if f.size != nil {
				payload = append(payload, f.size...)
			} else {
				payload = appendU32(payload, uint32(len(f.body)))
			}
			payload = append(payload, f.body...)
		}
		dst = append(dst, s.id)
		dst = appendPadded(dst, uint32(len(payload)), len(s.header)-1)
		dst = append(dst, payload...)
	}
	return dst
}

// Decode decodes f's body.
func (f *Func) Decode() (*Body, error) {
	b, err := DecodeBody(f.body, f.offset)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	return b, nil
}

func (f *Func) replace(b *Body) { f.body, f.size = b.Encode(), nil }

func (f *Func) String() string {
	if f.Name != "" {
		return fmt.Sprintf("function %d <%s>", f.Index, f.Name)
	}
	return fmt.Sprintf("function %d", f.Index)
}
