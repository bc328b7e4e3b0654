// Package wasmopt rewrites the js/wasm binaries that Go's linker makes, where the
// compiler leaves speed behind: in the functions of chosen packages it folds
// constants into the offsets of loads and stores, joins loads with the splat that follows, gives loops real control flow in
// place of a br_table, and, on request, fuses vector multiplications and additions
// into relaxed multiply-adds. All else stays byte for byte what it was, except that the
// custom sections are dropped.
package wasmopt

import (
	"errors"
	"fmt"
	"strings"
)

// DefaultPackage is the import path whose functions, and those of packages below
// it, are rewritten.
const DefaultPackage = "vaelab/core/kernel"

// Options say what to rewrite. The zero value folds and structures DefaultPackage.
type Options struct {
	Package  string // import path; DefaultPackage if empty
	FMA      bool   // fuse f32x4 multiply and add: needs an engine with relaxed SIMD
	NoFold   bool   // leave addresses alone
	NoLoops  bool   // leave control flow alone
	KeepInfo bool   // keep the custom sections: names, producers, build identifier
}

// Summary counts what was done.
type Summary struct {
	Functions int // rewritten or looked at
	Nops      int // removed
	Folded    int // loads and stores that took over an offset
	Splats    int // loads that spread a float over a vector
	Loops     int // loops that no longer go through a br_table, copies counted
	Fused     int // multiply-adds
	Before    int // bytes of the module
	After     int
}

// Rewrite returns the rewritten module, which has been decoded again and
// type-checked in full. input is not changed.
func Rewrite(input []byte, o Options) ([]byte, Summary, error) {
	s := Summary{Before: len(input)}
	if o.Package == "" {
		o.Package = DefaultPackage
	}
	m, err := Parse(input)
	if err != nil {
		return nil, s, err
	}
	if !m.isGo {
		return nil, s, errors.New("Go's linker did not make this module: no Go producer, build identifier or gojs import")
	}
	if err := m.Validate(); err != nil {
		return nil, s, fmt.Errorf("the module is invalid as it is: %w", err)
	}
	prefix := linkerName(o.Package)
	named := false
	for _, f := range m.Funcs {
		named = named || f.Name != ""
		if rest, ok := strings.CutPrefix(f.Name, prefix); !ok || rest == "" || rest[0] != '.' && rest[0] != '_' {
			continue
		}
		if err := m.rewrite(f, o, &s); err != nil {
			return nil, s, err
		}
	}
	if !named {
		return nil, s, errors.New("the module has no function names: link it with -ldflags=-w, not -s (the names are dropped here)")
	}
	if s.Functions == 0 {
		return nil, s, fmt.Errorf("no function of package %s is in the module", o.Package)
	}
	out := m.Encode(func(string) bool { return !o.KeepInfo })
	s.After = len(out)
	again, err := Parse(out)
	if err == nil {
		err = again.Validate()
	}
	if err != nil {
		return nil, s, fmt.Errorf("the rewritten module is invalid, a fault of this tool: %w", err)
	}
	return out, s, nil
}

// rewrite runs the passes over one function.
func (m *Module) rewrite(f *Func, o Options, s *Summary) error {
	b, err := f.Decode()
	if err != nil {
		return err
	}
	s.Functions++
	var n int
	b.Code, n = dropNops(b.Code)
	s.Nops += n
	if !o.NoFold {
		b.Code, n = foldOffsets(b.Code)
		s.Folded += n
		b.Code, _ = dropNops(b.Code)
	}
	b.Code, n = loadSplats(b.Code)
	s.Splats += n
	b.Code, _ = dropNops(b.Code)
	if o.FMA {
		var locals int
		b.Code, n, locals = fuse(b.Code, len(f.Type.Params)+b.localCount())
		b.addLocals(locals, 'v')
		s.Fused += n
	}
	if !o.NoLoops {
		b.Code, n = structure(b.Code)
		s.Loops += n
	}
	f.replace(b)
	return nil
}

// linkerName is how the linker writes an import path in the name section: a path's
// last element has its dots escaped in symbols, and then all but letters, digits, underscores
// and dots become underscores.
func linkerName(path string) string {
	last := strings.LastIndexByte(path, '/') + 1
	path = path[:last] + strings.ReplaceAll(path[last:], ".", "%2e")
	return strings.Map(func(c rune) rune {
		if c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '_'
	}, path)
}

func (s Summary) String() string {
	return fmt.Sprintf("%d functions: %d offsets folded, %d loads spread, %d loops, %d multiply-adds fused, %d nops dropped; %d → %d bytes",
		s.Functions, s.Folded, s.Splats, s.Loops, s.Fused, s.Nops, s.Before, s.After)
}
