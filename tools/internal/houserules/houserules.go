// Package houserules checks the import rules of ARCHITECTURE.md ("Who may
// import whom") in the Go and TypeScript sources. Its test runs it on this
// repository.
package houserules

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// Violation is one import that the house does not allow.
type Violation struct {
	File   string // slash-separated path from the repository's root
	Line   int    // 1-based
	Import string // as written in the file
	Why    string // the rule, and the way out
}

// String returns "file:line: imports "x": why", which editors can jump to.
func (v Violation) String() string {
	return fmt.Sprintf("%s:%d: imports %q: %s", v.File, v.Line, v.Import, v.Why)
}

// Check reads every .go, .ts and .tsx file under core, wasm, tools and site/src
// of the repository whose root is fsys, and returns the violations in order of
// file and line. The error tells of a file that could not be read or parsed.
func Check(fsys fs.FS) ([]Violation, error) {
	var all []Violation
	for _, root := range []string{"core", "wasm", "tools", "site/src"} {
		err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if base := path.Base(name); base == "testdata" || base == "node_modules" {
					return fs.SkipDir
				}
				return nil
			}
			var found []Violation
			switch path.Ext(name) {
			case ".go":
				found, err = checkGo(fsys, name)
			case ".ts", ".tsx":
				found, err = checkTypeScript(fsys, name)
			}
			all = append(all, found...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("houserules: %w", err)
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].File != all[j].File {
			return all[i].File < all[j].File
		}
		return all[i].Line < all[j].Line
	})
	return all, nil
}

// within reports whether pkg is root or lies below it.
func within(pkg, root string) bool {
	return pkg == root || strings.HasPrefix(pkg, root+"/")
}

// withinAny reports whether pkg lies within one of roots.
func withinAny(pkg string, roots []string) bool {
	for _, root := range roots {
		if within(pkg, root) {
			return true
		}
	}
	return false
}
