package houserules

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

const module = "vaelab"

// impure lists what core may not import: it is handed its clocks, its
// randomness and its readers, and each of these packages would weigh on the
// engine's download too.
var impure = []string{
	"os", "net", "time", "syscall", "fmt", "log", "encoding/json", "encoding/gob", "encoding/xml",
	"image", "compress", "archive", "text/template", "html", "reflect", "regexp", "C",
}

// layer is one row of "Who may import whom".
type layer struct {
	root   string   // the folder it governs; the longest match counts
	house  []string // folders of this module that it may import, besides those below root
	others []string // modules that it may import
	std    []string // packages of the standard library that it may import; nil for all
	pure   bool     // nothing of impure
}

var layers = []layer{
	{root: "core/kernel", pure: true},
	{root: "core/noise", std: []string{"math"}, pure: true},
	{root: "core/ref", std: []string{"math"}, pure: true},
	{root: "core/nn", house: []string{"core/kernel"}, pure: true},
	{root: "core/data", house: []string{"core/noise"}, pure: true},
	{root: "core/weights", pure: true},
	{root: "core/latent", others: []string{"gonum.org/v1/gonum"}, pure: true},
	{root: "core", pure: true, house: []string{
		"core/nn", "core/data", "core/weights", "core/latent", "core/kernel", "core/noise",
	}},
	{root: "wasm", house: []string{"core"}, others: []string{"github.com/teamortix/golang-wasm/wasm"}},
	{root: "tools", house: []string{"core", "core/ref"}, others: []string{"*"}},
}

// layerOf returns the row that governs folder dir, nil where there is none.
func layerOf(dir string) *layer {
	var best *layer
	for i := range layers {
		if within(dir, layers[i].root) && (best == nil || len(layers[i].root) > len(best.root)) {
			best = &layers[i]
		}
	}
	return best
}

// checkGo checks the imports of one Go file, on every platform it may be built for.
// Tests may import what they like of other modules and of the standard library,
// and the oracle; generators (package main below core) and files that are never
// built take no part.
func checkGo(fsys fs.FS, name string) ([]Violation, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	dir := path.Dir(name)
	rule := layerOf(dir)
	if rule == nil || neverBuilt(file) || (within(dir, "core") && file.Name.Name == "main") {
		return nil, nil
	}
	isTest := strings.HasSuffix(name, "_test.go")
	var found []Violation
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if why := rule.objection(dir, imported, isTest); why != "" {
			found = append(found, Violation{name, files.Position(spec.Pos()).Line, imported, why})
		}
	}
	return found, nil
}

// neverBuilt reports whether the file carries //go:build ignore.
func neverBuilt(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, line := range group.List {
			if expr, err := constraint.Parse(line.Text); err == nil && expr.String() == "ignore" {
				return true
			}
		}
	}
	return false
}

// objection says why a file in dir may not import pkg, "" where it may.
func (l *layer) objection(dir, pkg string, isTest bool) string {
	if house, ok := strings.CutPrefix(pkg, module+"/"); ok {
		return l.houseObjection(dir, house, isTest)
	}
	if strings.Contains(strings.SplitN(pkg, "/", 2)[0], ".") { // another module
		if isTest || withinAny(pkg, l.others) || withinAny("*", l.others) {
			return ""
		}
		return l.root + " takes no dependency besides " + list(l.others, "the standard library") +
			": move the code that needs it to tools, or hand its result in"
	}
	switch {
	case isTest:
		return ""
	case l.pure && withinAny(pkg, impure):
		return "core is pure and small (no files, clocks, formatting or encodings): take an io.Reader or a function as an argument; use errors.New and strconv for messages"
	case l.std != nil && !withinAny(pkg, l.std):
		return l.root + " imports nothing but " + list(l.std, "nothing")
	}
	return ""
}

// houseObjection is objection for a package of this module.
func (l *layer) houseObjection(dir, house string, isTest bool) string {
	if within(house, "core/ref") && !within(dir, "core/ref") && !within(dir, "tools") {
		if isTest {
			return ""
		}
		return "core/ref is the oracle, for tests and tools only: use core/nn or core/kernel"
	}
	if within(house, l.root) && (l.root != "core" || house == "core") {
		return ""
	}
	if l.root == "wasm" || l.root == "tools" {
		if within(house, "core") {
			return ""
		}
	} else if withinAny(house, l.house) {
		return ""
	}
	// A test may look down from anywhere in core, never out of it.
	if isTest && within(house, "core") {
		return ""
	}
	return l.root + " may import " + list(l.house, "no other package of this module") +
		" (ARCHITECTURE.md, \"Who may import whom\"): nothing points back"
}

func list(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}
