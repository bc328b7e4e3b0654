package houserules

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// importRE finds the module of import and export declarations (type-only or
// not), of dynamic imports, and of workers made with new URL(…, import.meta.url).
// Group 1 is "type" for a type-only declaration; groups 2 to 4 are the module.
var importRE = regexp.MustCompile(
	`(?m)^\s*(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+?\sfrom\s*)?["']([^"'\n]+)["']` +
		`|\bimport\(\s*["']([^"'\n]+)["']` +
		`|\bnew\s+URL\(\s*["']([^"'\n]+)["']\s*,\s*import\.meta\.url`)

// protocolFile is the one file that both sides of the page share.
const protocolFile = "site/src/engine/protocol"

// checkTypeScript checks the imports of one file under site/src.
func checkTypeScript(fsys fs.FS, name string) ([]Violation, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	isTest := strings.Contains(path.Base(name), ".test.")
	var found []Violation
	for _, m := range importRE.FindAllSubmatchIndex(src, -1) {
		typeOnly := m[2] >= 0
		for g := 4; g < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			imported := string(src[m[g]:m[g+1]])
			if !strings.HasPrefix(imported, ".") {
				continue // a package from npm
			}
			target := path.Join(path.Dir(name), imported)
			target = strings.TrimSuffix(strings.TrimSuffix(target, ".ts"), ".tsx")
			if why := siteObjection(name, target, typeOnly, isTest); why != "" {
				found = append(found, Violation{name, 1 + bytes.Count(src[:m[g]], []byte("\n")), imported, why})
			}
		}
	}
	return found, nil
}

// siteObjection says why file name may not import target (a path without its
// extension), "" where it may.
func siteObjection(name, target string, typeOnly, isTest bool) string {
	const views, engine = "site/src/views", "site/src/engine"
	switch {
	case target == "site/src/main":
		return "main.ts composes everything, so nothing imports it: move what you need into a file of its own"
	case isTest:
		return ""
	case within(name, views):
		if within(target, views) || (target == protocolFile && typeOnly) {
			return ""
		}
		if target == protocolFile {
			return "views import only types from the protocol: write import type"
		}
		return "views are leaves that draw what they are given and import nothing but views and protocol types: pass it in through the constructor or update()"
	case within(name, engine) && !within(target, engine):
		return "engine talks to workers and imports nothing but engine files and the protocol: let main.ts connect the two"
	}
	return ""
}
