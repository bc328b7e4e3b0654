package wasmopt

import (
	"errors"
	"fmt"
)

func (m *Module) typeAt(r *reader, i uint32) FuncType {
	if int(i) >= len(m.types) {
		r.fail(fmt.Errorf("there is no type %d", i))
		return FuncType{}
	}
	return m.types[i]
}

func (m *Module) typeSection(r *reader) {
	for range r.count() {
		if b := r.byte(); b != 0x60 && r.err == nil {
			r.fail(fmt.Errorf("type form 0x%02x is not a function", b))
		}
		var t [2][]byte
		for i := range t {
			for range r.count() {
				t[i] = append(t[i], byte(r.valType()))
			}
		}
		m.types = append(m.types, FuncType{string(t[0]), string(t[1])})
	}
}

func (m *Module) importSection(r *reader) {
	for range r.count() {
		module := r.name()
		r.name()
		if module == "gojs" || module == "go" {
			m.isGo = true
		}
		switch kind := r.byte(); kind {
		case 0:
			m.funcs = append(m.funcs, m.typeAt(r, r.u32()))
		case 1:
			r.byte()
			r.limits()
			m.tables++
		case 2:
			r.limits()
			m.memories++
		case 3:
			m.globals = append(m.globals, global{r.valType(), r.byte() == 1})
		default:
			r.fail(fmt.Errorf("import of kind %d", kind))
		}
		if r.err != nil {
			return
		}
	}
}

func (r *reader) limits() {
	if flags := r.byte(); flags&1 != 0 {
		r.u32()
	}
	r.u32()
}

func (m *Module) globalSection(r *reader) {
	for range r.count() {
		m.globals = append(m.globals, global{r.valType(), r.byte() == 1})
		for r.err == nil {
			if in := r.instr(); in.Op == opEnd {
				break
			}
		}
	}
}

func (m *Module) codeSection(r *reader, declared []FuncType) {
	n := r.count()
	if n > len(declared) && r.err == nil {
		r.fail(fmt.Errorf("%d bodies for %d functions", n, len(declared)))
		return
	}
	first := len(m.funcs) - len(declared)
	for i := range n {
		start := r.pos
		size := r.u32()
		if r.err != nil {
			return
		}
		f := &Func{Index: first + i, Type: declared[i], size: r.data[start:r.pos:r.pos], offset: r.base + r.pos}
		f.body = r.bytes(uint64(size))
		m.Funcs = append(m.Funcs, f)
	}
	if r.err == nil && r.pos != len(r.data) {
		r.fail(errors.New("bytes follow the last function"))
	}
}

// customSection looks for the linker's mark: producers, language, Go.
func (m *Module) customSection(name string, r *reader) {
	switch name {
	case "go:buildid":
		m.isGo = true
	case "producers":
		for range r.count() {
			field := r.name()
			for range r.count() {
				value := r.name()
				r.name()
				m.isGo = m.isGo || field == "language" && value == "Go"
			}
		}
	}
}

// nameSection gives the functions their names (subsection 1).
func (m *Module) nameSection(s section) error {
	r := &reader{data: s.payload}
	r.name()
	first := len(m.funcs) - len(m.Funcs)
	for !r.done() {
		id := r.byte()
		p := &reader{data: r.bytes(uint64(r.u32()))}
		if id != 1 {
			continue
		}
		for range p.count() {
			i, name := int(p.u32()), p.name()
			if i >= first && i-first < len(m.Funcs) {
				m.Funcs[i-first].Name = name
			}
		}
		if p.err != nil {
			r.fail(p.err)
		}
	}
	if r.err != nil {
		return fmt.Errorf("name section, offset 0x%x: %w", s.offset+r.pos, r.err)
	}
	return nil
}
