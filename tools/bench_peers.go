package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// peerReport is what bench/peers/torch_vae.py prints.
type peerReport struct {
	System  string       `json:"system"`
	Version string       `json:"version"`
	Threads int          `json:"threads"`
	Load    float64      `json:"load_average"`
	Error   float64      `json:"error_against_keras"` // relative; the same model is below 1e-4
	BLAS    []string     `json:"blas"`
	CPU     string       `json:"cpu_capability"`
	Results []peerResult `json:"results"`
}

type peerResult struct {
	Name   string    `json:"name"` // train, forward, decode
	Batch  int       `json:"batch"`
	Layout string    `json:"layout"` // of the images, the faster one
	Images benchStat `json:"images_per_s"`
}

// peersFolder, below the repository's root, is where a PyTorch of one's own is installed.
var peersFolder = filepath.Join("bin", "peers")

// systemPythons may have PyTorch. A Python on the path may be another than the
// system's, which is where Debian's goes.
var systemPythons = []string{"python3", "/usr/bin/python3", "python"}

// measureTorch runs PyTorch on the same model and as many threads, after proving that
// the model is the same. Without a PyTorch on this machine it installs one below bin/.
func measureTorch(ctx context.Context, root string, pythons []string, threads int, quick bool, news io.Writer) (*peerReport, error) {
	python, err := torchPython(ctx, root, pythons, news)
	if err != nil {
		return nil, err
	}
	peers := filepath.Join(root, "bench", "peers")
	args := []string{
		filepath.Join(peers, "torch_vae.py"),
		"--threads", strconv.Itoa(threads), "--check", filepath.Join(root, "core", "testdata", "keras"),
	}
	if quick {
		args = append(args, "--rounds", "2", "--seconds", "0.1")
	}
	fmt.Fprintf(news, "measuring PyTorch with %s\n", python)
	raw, err := output(ctx, python, args...)
	if err != nil {
		return nil, fmt.Errorf("--peers: %w", err)
	}
	var r peerReport
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("--peers: torch_vae.py printed no report: %w", err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("--peers: torch_vae.py: %w", err)
	}
	return &r, nil
}

// check reports what a table would lack.
func (r *peerReport) check() error {
	if r.System == "" || r.Version == "" || len(r.Results) == 0 {
		return errors.New("the report holds no results")
	}
	for _, result := range r.Results {
		if !(result.Images.Mean > 0) || result.Images.Runs < 1 {
			return fmt.Errorf("%s, batch %d, holds no figures", result.Name, result.Batch)
		}
	}
	return nil
}

// torchPython returns a Python that imports torch and NumPy: the one below bin/, one
// of pythons, or one installed now.
func torchPython(ctx context.Context, root string, pythons []string, news io.Writer) (string, error) {
	environment := filepath.Join(root, peersFolder)
	own := filepath.Join(environment, "bin", "python")
	if runtime.GOOS == "windows" {
		own = filepath.Join(environment, "Scripts", "python.exe")
	}
	for _, python := range append([]string{own}, pythons...) {
		if _, err := output(ctx, python, "-c", "import torch, numpy"); err == nil {
			return python, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
	}
	requirements := filepath.Join(root, "bench", "peers", "requirements.txt")
	fmt.Fprintf(news, "no Python here has PyTorch: installing it into %s (several GB; Debian's python3-torch would do as well)\n", peersFolder)
	for _, command := range [][]string{
		{"python3", "-m", "venv", environment},
		{own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements},
	} {
		if _, err := output(ctx, command[0], command[1:]...); err != nil {
			return "", fmt.Errorf("--peers: PyTorch could not be installed: %w; install it yourself (on Debian: apt install python3-torch libopenblas0-pthread python3-numpy), or leave --peers out", err)
		}
	}
	return own, nil
}

// output runs a program and returns what it prints; the error has the last line of
// its complaints. When ctx ends the program is asked to end, and made to soon after.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
			return nil, fmt.Errorf("%s: %w: %s", name, err, last)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return stdout.Bytes(), nil
}

// title names the peer and what it multiplies with.
func (r *peerReport) title() string {
	return fmt.Sprintf("%s %s, %d threads, %s", r.System, r.Version, r.Threads, strings.Join(append(r.BLAS, r.CPU), ", "))
}

// print writes the peer's figures below ours.
func (r *peerReport) print(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n%s; load average %.2f\n", r.title(), r.Load)
	for _, p := range r.Results {
		span := significant(p.Images.Min) + " … " + significant(p.Images.Max)
		note := ""
		if p.Images.noisy() {
			note = "noisy"
		}
		fmt.Fprintf(b, "%-18s %8d %18s %18s %5d %s\n", fmt.Sprintf("%s, batch %d", p.Name, p.Batch), r.Threads,
			meanText(p.Images), span, p.Images.Runs, note)
	}
}

// rows are the peer's lines of README's table.
func (r *peerReport) rows(b *strings.Builder) {
	for _, p := range r.Results {
		fmt.Fprintf(b, "| %s %s: %s, batch %d | %d | %s | %s … %s | | |\n", r.System, r.Version, p.Name, p.Batch, r.Threads,
			meanText(p.Images), significant(p.Images.Min), significant(p.Images.Max))
	}
}
