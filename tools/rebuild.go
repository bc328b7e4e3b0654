package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// rebuildVariable set to "off" keeps a scalar binary from rebuilding itself. The
// rebuilt program is started with it, so that a rebuild never follows another.
const rebuildVariable = "VAELAB_REBUILD"

// rebuildWithSIMD replaces this process by the same program built with
// GOEXPERIMENT=simd, where it was built without: `go run ./tools pretrain`, typed
// without any environment, would otherwise train an order of magnitude slower.
// The experiment cannot be asked for in go.mod. It returns where nothing had to
// be done or where the rebuild failed; then one line on stderr says why.
func rebuildWithSIMD(args []string, stderr io.Writer) {
	if builtWithSIMD || asksForHelp(args) {
		return
	}
	if os.Getenv(rebuildVariable) == "off" {
		slow(stderr, errors.New(rebuildVariable+"=off"))
		return
	}
	program, err := buildWithSIMD(stderr)
	if err == nil {
		err = become(program, append(os.Environ(), rebuildVariable+"=off"))
	}
	slow(stderr, err)
}

func slow(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "tools: running without SIMD, many times slower: %v\n", err)
}

// asksForHelp says whether args ask for text only, which needs no speed.
func asksForHelp(args []string) bool {
	return len(args) == 0 || slices.ContainsFunc(args, func(a string) bool {
		return a == "--help" || a == "-h" || a == "--version"
	})
}

// buildWithSIMD builds this command into the user's cache folder and returns
// the program's path. The build is the go command's own, so it takes a moment
// unless a source changed.
func buildWithSIMD(stderr io.Writer) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	toolchain, err := goModLine(root, "toolchain")
	if err != nil {
		return "", err
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return "", errors.New("the go command, which would rebuild it, is not on PATH")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	key := sha256.Sum256([]byte(root + "\x00" + toolchain))
	folder := filepath.Join(cache, modulePath, hex.EncodeToString(key[:8]))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	program := filepath.Join(folder, "tools")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	fmt.Fprintf(stderr, "tools: built without SIMD, so running a rebuild with GOEXPERIMENT=simd and %s (compiled when sources change)\n", toolchain)
	said := &buildOutput{downloads: stderr}
	cmd := exec.Command(goCommand, "build", "-buildvcs=false", "-o", program, "./tools")
	cmd.Dir = root
	cmd.Env = buildEnvironment(os.Environ(), toolchain, folder)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go build with GOEXPERIMENT=simd GOTOOLCHAIN=%s: %s", toolchain, said.reason(err))
	}
	return program, nil
}

// buildEnvironment is env with the experiment and the toolchain set, for this
// very platform. The go command's work folder goes next to the program, so that
// a rename puts the program in place even while an older one runs.
func buildEnvironment(env []string, toolchain, folder string) []string {
	return append(slices.Clone(env),
		"GOEXPERIMENT=simd", "GOTOOLCHAIN="+toolchain,
		"GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH,
		"GOTMPDIR="+folder)
}

// buildOutput collects what the go command says and passes on its news of
// downloads at once: a toolchain takes a while.
type buildOutput struct {
	downloads io.Writer
	text      bytes.Buffer
}

func (b *buildOutput) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("go: downloading ")) {
		return b.downloads.Write(p)
	}
	return b.text.Write(p)
}

// reason is the last line that the go command said, or else err.
func (b *buildOutput) reason(err error) string {
	lines := strings.Split(strings.TrimSpace(b.text.String()), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return err.Error()
}
