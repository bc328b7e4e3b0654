package houserules

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestThisRepository is the check that `make check` runs.
func TestThisRepository(t *testing.T) {
	violations, err := Check(os.DirFS("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}

// check runs Check on a repository that holds one file besides empty folders.
func check(t *testing.T, name, src string) []Violation {
	t.Helper()
	fsys := fstest.MapFS{name: {Data: []byte(src)}}
	for _, dir := range []string{"core", "wasm", "tools", "site/src"} {
		fsys[dir+"/README"] = &fstest.MapFile{}
	}
	violations, err := Check(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return violations
}

func TestGo(t *testing.T) {
	tests := []struct {
		file, imports string
		want          string // part of the objection, "" where it is allowed
	}{
		{"core/kernel/a.go", "math", ""},
		{"core/kernel/a.go", "simd/archsimd", ""},
		{"core/kernel/a.go", "vaelab/core/kernel/lanes1", ""},
		{"core/kernel/a.go", "vaelab/core/nn", "nothing points back"},
		{"core/kernel/a.go", "time", "core is pure"},
		{"core/kernel/a.go", "gonum.org/v1/gonum/blas/blas32", "takes no dependency"},
		{"core/kernel/a_test.go", "time", ""},
		{"core/kernel/a_test.go", "vaelab/core/ref", ""},
		{"core/kernel/a_test.go", "vaelab/tools/internal/mnist", "nothing points back"},
		{"core/nn/a.go", "vaelab/core/kernel", ""},
		{"core/nn/a.go", "vaelab/core/data", "core/nn may import core/kernel"},
		{"core/nn/a.go", "vaelab/core/ref", "oracle"},
		{"core/nn/a.go", "vaelab/core", "nothing points back"},
		{"core/noise/a.go", "math/bits", ""},
		{"core/noise/a.go", "errors", "nothing but math"},
		{"core/data/a.go", "vaelab/core/noise", ""},
		{"core/data/a.go", "compress/gzip", "core is pure"},
		{"core/weights/a.go", "encoding/json", "core is pure"},
		{"core/weights/a.go", "encoding/binary", ""},
		{"core/latent/a.go", "gonum.org/v1/gonum/stat/distuv", ""},
		{"core/latent/a.go", "gonum.org/v1/plot", "takes no dependency"},
		{"core/model.go", "vaelab/core/weights", ""},
		{"core/model.go", "fmt", "core is pure"},
		{"core/model.go", "os/signal", "core is pure"},
		{"core/model.go", "image/png", "core is pure"},
		{"core/model.go", "vaelab/wasm", "nothing points back"},
		{"wasm/main.go", "vaelab/core/data", ""},
		{"wasm/main.go", "syscall/js", ""},
		{"wasm/main.go", "github.com/teamortix/golang-wasm/wasm", ""},
		{"wasm/main.go", "gorgonia.org/tensor", "takes no dependency"},
		{"wasm/main.go", "vaelab/core/ref", "oracle"},
		{"tools/main.go", "gorgonia.org/tensor", ""},
		{"tools/main.go", "vaelab/core/ref", ""},
		{"tools/main.go", "vaelab/tools/internal/mnist", ""},
		{"tools/main.go", "vaelab/wasm", "nothing points back"},
	}
	for _, tt := range tests {
		t.Run(tt.file+"←"+tt.imports, func(t *testing.T) {
			verify(t, check(t, tt.file, "package p\n\nimport _ \""+tt.imports+"\"\n"), tt.want, 3)
		})
	}
}

func TestGoFilesOutsideTheRules(t *testing.T) {
	for name, src := range map[string]string{
		"a generator":            "package main\n\nimport _ \"os\"\n",
		"a file never built":     "//go:build ignore\n\npackage kernel\n\nimport _ \"os\"\n",
		"a file without imports": "package kernel\n",
	} {
		if got := check(t, "core/kernel/gen/a.go", src); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	constrained := "//go:build arm64 && goexperiment.simd\n\npackage kernel\n\nimport _ \"os\"\n"
	if got := check(t, "core/kernel/a.go", constrained); len(got) != 1 {
		t.Errorf("a file for another platform: got %v, want one violation", got)
	}
}

func TestTypeScript(t *testing.T) {
	tests := []struct {
		file, line string
		want       string
	}{
		{"site/src/views/map.ts", `import { grid } from "./grid";`, ""},
		{"site/src/views/map.ts", `import uPlot from "uplot";`, ""},
		{"site/src/views/map.ts", `import type { Losses } from "../engine/protocol";`, ""},
		{"site/src/views/map.ts", `import type { Losses } from "../engine/protocol.ts";`, ""},
		{"site/src/views/map.ts", `import { kinds } from "../engine/protocol";`, "write import type"},
		{"site/src/views/map.ts", `import { client } from "../engine/client";`, "views are leaves"},
		{"site/src/views/map.ts", `export { client } from "../engine/client";`, "views are leaves"},
		{"site/src/views/map.ts", `import "../main";`, "main.ts composes"},
		{"site/src/views/map.ts", "import {\n  a,\n  b,\n} from \"../engine/client\";", "views are leaves"},
		{"site/src/views/map.ts", `const m = await import("../engine/client");`, "views are leaves"},
		{"site/src/views/map.ts", `// import nothing from "../engine/client"`, ""},
		{"site/src/engine/client.ts", `import type { Requests } from "./protocol";`, ""},
		{"site/src/engine/client.ts", `new Worker(new URL("./worker.ts", import.meta.url))`, ""},
		{"site/src/engine/client.ts", `new Worker(new URL("../views/map.ts", import.meta.url))`, "engine talks to workers"},
		{"site/src/engine/client.ts", `import { map } from "../views/map";`, "engine talks to workers"},
		{"site/src/main.ts", `import { client } from "./engine/client";`, ""},
		{"site/src/app/state.ts", `import { start } from "../main.ts";`, "main.ts composes"},
	}
	for _, tt := range tests {
		t.Run(tt.file+" "+tt.line, func(t *testing.T) {
			verify(t, check(t, tt.file, "\n"+tt.line+"\n"), tt.want, 0)
		})
	}
}

// verify wants one violation that mentions want (at line, unless that is 0), or
// none where want is empty.
func verify(t *testing.T, got []Violation, want string, line int) {
	t.Helper()
	switch {
	case want == "" && len(got) != 0:
		t.Errorf("got %v, want nothing", got)
	case want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), want)):
		t.Errorf("got %v, want one violation that says %q", got, want)
	case want != "" && line != 0 && got[0].Line != line:
		t.Errorf("got line %d, want %d", got[0].Line, line)
	}
}
