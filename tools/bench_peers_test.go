package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const torchPrinted = `{"system":"PyTorch","version":"1.13.1","threads":2,"load_average":0.25,"error_against_keras":1e-6,"blas":["libopenblas"],` +
	`"cpu_capability":"AVX2","results":[{"name":"train","batch":16,"layout":"channels last","images_per_s":{"mean":200,"sd":2,"min":198,"max":202,"runs":2,"values":[198,202]}}]}`

// script writes an executable shell script.
func script(t *testing.T, path, body string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTorchIsFound(t *testing.T) {
	root := t.TempDir()
	without := script(t, filepath.Join(root, "without"), "exit 1")
	args := filepath.Join(root, "args")
	with := script(t, filepath.Join(root, "with"), `[ "$1" = -c ] && exit; echo "$@" > `+args+"; echo '"+torchPrinted+"'")
	r, err := measureTorch(context.Background(), root, []string{without, with}, 2, true, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if r.Version != "1.13.1" || r.Results[0].Images.Mean != 200 {
		t.Errorf("report %+v", r)
	}
	given, err := os.ReadFile(args)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"torch_vae.py", "--threads 2", "--check " + filepath.Join(root, "core", "testdata", "keras"), "--rounds 2"} {
		if !strings.Contains(string(given), want) {
			t.Errorf("no %q in the arguments %s", want, given)
		}
	}
}

// TestTorchIsInstalled: into an environment of its own, which is used from then on.
func TestTorchIsInstalled(t *testing.T) {
	root, bin := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	own := filepath.Join(root, peersFolder, "bin", "python")
	installed := filepath.Join(root, "installed")
	inner := `case "$1 $2" in "-c "*) test -e ` + installed + `;; "-m pip") touch ` + installed + `;; *) echo '` + torchPrinted + `';; esac`
	source := script(t, filepath.Join(root, "source"), inner)
	script(t, filepath.Join(bin, "python3"), `[ "$1 $2" = "-m venv" ] || exit 1; mkdir -p "$3/bin" && cp `+source+` "$3/bin/python"`)
	for i, pythons := range [][]string{{"python3"}, nil} {
		var news bytes.Buffer
		if _, err := measureTorch(context.Background(), root, pythons, 1, false, &news); err != nil {
			t.Fatal(err)
		}
		if installs := strings.Contains(news.String(), "installing"); installs != (i == 0) || !strings.Contains(news.String(), own) {
			t.Errorf("run %d said %q", i+1, &news)
		}
	}
}

func TestTorchFails(t *testing.T) {
	root := t.TempDir()
	tests := []struct{ name, body, want string }{
		{"another model", "echo trace >&2; echo 'not the same model' >&2; exit 1", "not the same model"},
		{"no report", "echo hello", "no report"},
		{"empty report", "echo '{}'", "no results"},
		{"no figures", `echo '{"system":"PyTorch","version":"1","results":[{"name":"train","batch":16}]}'`, "batch 16"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			python := script(t, filepath.Join(t.TempDir(), "python"), `[ "$1" = -c ] && exit 0; `+tt.body)
			_, err := measureTorch(context.Background(), root, []string{python}, 1, true, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "--peers: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line of --peers with %q", err, tt.want)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		enough := errors.New("enough")
		python := script(t, filepath.Join(t.TempDir(), "python"), `[ "$1" = -c ] && exit 0; exec sleep 60`)
		_, err := measureTorch(ctx, root, []string{python}, 1, true, writerFunc(func(p []byte) (int, error) {
			cancel(enough) // it says that it measures, and then is interrupted
			return len(p), nil
		}))
		if err == nil || !errors.Is(err, enough) {
			t.Errorf("got %v, want the context's cause", err)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestTorchInReport: beside ours, as text and in README's table.
func TestTorchInReport(t *testing.T) {
	root := t.TempDir()
	python := script(t, filepath.Join(root, "python"), `[ "$1" = -c ] && exit; echo '`+torchPrinted+`'`)
	torch, err := measureTorch(context.Background(), root, []string{python}, 2, false, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	r := benchFixture()
	r.Torch = torch
	var text bytes.Buffer
	if err := r.print(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "PyTorch 1.13.1, 2 threads, libopenblas, AVX2") || !strings.Contains(text.String(), "200 ± 2") {
		t.Errorf("no PyTorch in\n%s", &text)
	}
	if want := "| PyTorch 1.13.1: train, batch 16 | 2 | 200 ± 2 | 198 … 202 | | |\n"; !strings.Contains(r.markdown(), want) {
		t.Errorf("no %q in\n%s", want, r.markdown())
	}
}
