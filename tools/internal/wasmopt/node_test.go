package wasmopt

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// node runs Node.js and returns its output; tests are skipped where there is none.
func node(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node in PATH")
	}
	cmd := exec.Command(path, args...)
	for _, v := range os.Environ() {
		// Go's own programs read GOMAXPROCS, and js/wasm has one thread.
		if !strings.HasPrefix(v, "GOMAXPROCS=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}

// relaxedFlags are what this Node needs to run relaxed SIMD; ok is false where
// it cannot.
var relaxedFlags = sync.OnceValues(func() (flags []string, ok bool) {
	// f32x4.relaxed_madd of three zeros.
	const probe = `process.exit(WebAssembly.validate(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,10,62,1,60,0,` +
		`253,12,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,253,12,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,253,12,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,` +
		`253,133,2,26,11])) ? 0 : 1)`
	for _, flags := range [][]string{nil, {"--experimental-wasm-relaxed-simd"}} {
		if exec.Command("node", append(flags, "-e", probe)...).Run() == nil {
			return flags, true
		}
	}
	return nil, false
})

// runExport calls the function f of a module and returns what it returns.
func runExport(t *testing.T, wasm []byte, argument int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.wasm")
	if err := os.WriteFile(path, wasm, 0o644); err != nil {
		t.Fatal(err)
	}
	const script = `const m = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
process.stdout.write(String(new WebAssembly.Instance(m).exports.f(+process.argv[2])));`
	return node(t, "-e", script, path, strconv.Itoa(argument))
}

// validates asks the engine.
func validates(t *testing.T, path string, flags ...string) bool {
	t.Helper()
	const script = `process.stdout.write(String(WebAssembly.validate(require("fs").readFileSync(process.argv[1]))))`
	return node(t, append(flags, "-e", script, path)...) == "true"
}

// build links a program under testdata for js/wasm with its names.
func build(t *testing.T, program string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("links a program")
	}
	path := filepath.Join(t.TempDir(), program+".wasm")
	cmd := exec.Command("go", "build", "-ldflags=-w", "-o", path, "./testdata/"+program)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=simd")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// runGo runs a js/wasm program of Go's.
func runGo(t *testing.T, path string, flags ...string) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	glue := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	return node(t, append(flags, "--stack-size=8192", glue, path)...)
}
