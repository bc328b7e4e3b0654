package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const webResults = `{"cpu":"Some CPU","cores":2,"chromium":"156.0","date":"2026-11-24","quick":false,
"systems":[{"name":"VAE Lab (fma)","version":"0.1.0","device":"wasm","workers":1},{"name":"VAE Lab (fma)","version":"0.1.0","device":"wasm","workers":2},
 {"name":"TF.js cpu","version":"4.22.0","device":"plain JavaScript"}],
"results":[{"system":"VAE Lab (fma)","workers":1,"kind":"train","batch":16,"unit":"images/s","mean":300,"sd":1,"min":299,"max":301,"runs":5},
 {"system":"VAE Lab (fma)","workers":2,"kind":"train","batch":16,"unit":"images/s","mean":590,"sd":100,"min":400,"max":650,"runs":5},
 {"system":"VAE Lab (fma)","workers":2,"kind":"manifold","unit":"ms","mean":50,"sd":1,"min":49,"max":51,"runs":5},
 {"system":"TF.js cpu","kind":"train","batch":16,"unit":"images/s","mean":1.6,"sd":0.01,"min":1.59,"max":1.61,"runs":3}],
"skipped":[{"system":"TF.js webgpu","why":"this machine has no WebGPU adapter"}]}`

// benchFolder holds README.md, results.json and web/results.json.
func benchFolder(t *testing.T, web string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "web"), 0o755); err != nil {
		t.Fatal(err)
	}
	native := `{"kernel":"AVX2","threads":1,"results":[{"group":"peak","name":"FMA peak","threads":1,"gflops":{"mean":1,"runs":1}}]}`
	for name, content := range map[string]string{
		"README.md": benchBegin + "\n" + benchEnd + "\n", "results.json": native, "web/results.json": web,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWebTable(t *testing.T) {
	dir := benchFolder(t, webResults)
	readme := filepath.Join(dir, "README.md")
	var stderr bytes.Buffer
	if code := run(context.Background(), []string{"bench", "--readme", readme, "--results", filepath.Join(dir, "results.json")}, streams{io.Discard, &stderr}); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	got, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| FMA peak |", // the native table stays
		"Chromium 156.0, Some CPU, 2 cores",
		"| VAE Lab (fma) | 1 | 300 ± 1 |  |  |  |  |\n",
		"| VAE Lab (fma) | 2 | 590 ± 100 |  |  | 50 ± 1 |  |\n",
		"| TF.js cpu 4.22.0 (plain JavaScript) |  | 1.6 ± 0.01 |",
		"Not measured: TF.js webgpu, this machine has no WebGPU adapter.",
		"noisy (σ above 10 %) for 1 of 4",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestWebResultsRefused(t *testing.T) {
	for name, web := range map[string]string{
		"broken": "{", "empty": "{}",
		"no figures": strings.Replace(webResults, `"mean":300`, `"mean":0`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			dir := benchFolder(t, web)
			var stderr bytes.Buffer
			code := run(context.Background(), []string{"bench", "--readme", filepath.Join(dir, "README.md"), "--results", filepath.Join(dir, "results.json")}, streams{io.Discard, &stderr})
			if code == 0 || !strings.Contains(stderr.String(), filepath.Join("web", "results.json")) || !strings.Contains(stderr.String(), "make bench-web") {
				t.Errorf("exit code %d, %q, want a line that names web/results.json and the way out", code, &stderr)
			}
		})
	}
}
