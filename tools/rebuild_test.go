package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// scalarBinary builds this command without the experiment, as plain go run does.
func scalarBinary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the command twice")
	}
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("there are no SIMD kernels for " + runtime.GOARCH)
	}
	path := filepath.Join(t.TempDir(), "scalar")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".")
	cmd.Env = append(os.Environ(), "GOEXPERIMENT=nosimd")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// plainEnvironment is what a person has who set nothing; the rebuilt binary goes
// below a folder of its own.
func plainEnvironment(t *testing.T) []string {
	t.Helper()
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GOEXPERIMENT=") || strings.HasPrefix(v, "GOTOOLCHAIN=") || strings.HasPrefix(v, rebuildVariable+"=")
	})
	return append(env, "XDG_CACHE_HOME="+t.TempDir(), "GOCACHE="+goEnv(t, "GOCACHE"))
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestScalarBinaryRebuildsItself starts a scalar build in a plain environment
// and in another folder: it has to end up on the SIMD kernels, say so in one
// line, and take signals under the process id that it was started with.
func TestScalarBinaryRebuildsItself(t *testing.T) {
	scalar, dataDir := scalarBinary(t), tinyData(t)
	out := filepath.Join(t.TempDir(), "m.safetensors")
	cmd := exec.Command(scalar, tiny(dataDir, out, "--epochs", "100000")...)
	cmd.Env, cmd.Dir = plainEnvironment(t), t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	defer guard.Stop()
	var kernel string
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Epoch ") { // signals are taken from there on
		if strings.HasPrefix(lines.Text(), "kernel ") {
			kernel = lines.Text()
		}
	}
	cmd.Process.Signal(syscall.SIGINT)
	io.Copy(io.Discard, stdout)
	cmd.Wait()
	if kernel == "" || strings.Contains(kernel, "scalar") {
		t.Errorf("after the rebuild the header says %q: %s", kernel, stderr.String())
	}
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit code %d after SIGINT, want %d: %s", got, exitInterrupted, stderr.String())
	}
	said := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	rebuilds := slices.DeleteFunc(slices.Clone(said), func(l string) bool { return !strings.Contains(l, "built without SIMD") })
	if len(rebuilds) != 1 || strings.Contains(stderr.String(), "running without SIMD") {
		t.Errorf("it said\n%s", stderr.String())
	}
}

// TestScalarBinaryRunsOn: where the rebuild fails, one line says why, and the
// command does its work and keeps its exit code.
func TestScalarBinaryRunsOn(t *testing.T) {
	scalar := scalarBinary(t)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"switched off": {[]string{rebuildVariable + "=off"}, rebuildVariable + "=off"},
		"no go":        {[]string{"PATH=" + t.TempDir()}, "go command"},
		"build fails":  {[]string{"GOFLAGS=-mod=nonsense"}, "go build with GOEXPERIMENT=simd"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(scalar, "summary", "--json")
			cmd.Env = append(plainEnvironment(t), c.env...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			if !strings.Contains(stdout.String(), "550629") {
				t.Errorf("it printed %q", stdout.String())
			}
			if got := strings.Count(stderr.String(), "running without SIMD"); got != 1 || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("it said %q, want one word of running slowly because of %q", stderr.String(), c.want)
			}
		})
	}
	cmd := exec.Command(scalar, "--version")
	cmd.Env = plainEnvironment(t)
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "SIMD") {
		t.Errorf("--version: %v %s", err, out)
	}
}

func TestGoModLine(t *testing.T) {
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "go.mod"), []byte("module vaelab // the house\n\ngo 1.26.0\n\n// toolchain go9.9.9\ntoolchain go1.27.4\n"))
	for directive, want := range map[string]string{"module": "vaelab", "go": "1.26.0", "toolchain": "go1.27.4"} {
		if got, err := goModLine(dir, directive); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", directive, got, err, want)
		}
	}
	if _, err := goModLine(dir, "exclude"); err == nil {
		t.Error("found a line that is not there")
	}
}

func TestModuleRootFromAnywhere(t *testing.T) {
	t.Chdir(t.TempDir())
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "tools", "module.go")); err != nil {
		t.Error(err)
	}
}

func TestBuildOutput(t *testing.T) {
	var passed bytes.Buffer
	b := &buildOutput{downloads: &passed}
	io.WriteString(b, "go: downloading go1.27.4 (linux/amd64)\n")
	io.WriteString(b, "# vaelab/core\ncore/model.go:1:1: expected package\n")
	if got := b.reason(errors.New("exit status 1")); got != "core/model.go:1:1: expected package" {
		t.Errorf("the reason is %q", got)
	}
	if !strings.Contains(passed.String(), "downloading go1.27.4") {
		t.Error("the download was not passed on")
	}
	if got := (&buildOutput{}).reason(errors.New("exit status 1")); got != "exit status 1" {
		t.Errorf("the reason is %q", got)
	}
}
