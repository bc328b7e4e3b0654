package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.wasm")
	if err := os.WriteFile(text, []byte("(module)"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.wasm")
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "want IN and OUT, got 0 arguments"},
		{[]string{text}, "got 1 arguments"},
		{[]string{"-dump", "f"}, "-dump takes one file"},
		{[]string{"-turbo", text, out}, "-turbo"},
		{[]string{filepath.Join(dir, "none.wasm"), out}, "none.wasm"},
		{[]string{"-fma", text, out}, "text.wasm: not a WebAssembly module"},
		{[]string{"-dump", "f", text}, "text.wasm: not a WebAssembly module"},
	} {
		var stdout, messages strings.Builder
		if err := run(c.args, &stdout, &messages); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
		if stdout.Len() != 0 {
			t.Errorf("%q printed %q", c.args, &stdout)
		}
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the output exists: %v", err)
	}
}
