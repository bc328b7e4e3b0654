package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// modulePath is the module that this command belongs to.
const modulePath = "vaelab"

// moduleRoot returns the folder of this program's source: where it was compiled
// from if that is still there, otherwise the module that holds the working
// directory.
func moduleRoot() (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		if dir := filepath.Dir(filepath.Dir(file)); isModuleRoot(dir) {
			return dir, nil
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if isModuleRoot(dir) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("the source of " + modulePath + " is not here")
		}
		dir = parent
	}
}

func isModuleRoot(dir string) bool {
	name, err := goModLine(dir, "module")
	return err == nil && name == modulePath
}

// goModLine returns the argument of the line of dir's go.mod that starts with
// the directive, for instance "toolchain".
func goModLine(dir, directive string) (string, error) {
	file := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "//")
		if f := strings.Fields(line); len(f) == 2 && f[0] == directive {
			return f[1], nil
		}
	}
	return "", errors.New(file + " has no " + directive + " line")
}
