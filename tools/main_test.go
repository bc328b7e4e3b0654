package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary be the command itself, for tests that send
// signals to it.
func TestMain(m *testing.M) {
	if os.Getenv("VAELAB_TEST_AS_TOOLS") != "" {
		os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdout, os.Stderr}))
	}
	os.Exit(m.Run())
}

// process is the command with args as a process of its own.
func process(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "VAELAB_TEST_AS_TOOLS=1")
	return cmd
}

// outcome is what a command did.
type outcome struct {
	code     int
	out, err string
}

// tools runs the command in this process.
func tools(args ...string) outcome {
	var out, err bytes.Buffer
	code := run(context.Background(), args, streams{&out, &err})
	return outcome{code, out.String(), err.String()}
}

// mustRun is tools for what has to succeed.
func mustRun(t *testing.T, args ...string) outcome {
	t.Helper()
	o := tools(args...)
	if o.code != 0 {
		t.Fatalf("tools %s: exit code %d\n%s%s", strings.Join(args, " "), o.code, o.out, o.err)
	}
	return o
}

// wantFailure checks an exit code and that what was said is one line with all of
// the words.
func wantFailure(t *testing.T, o outcome, code int, words ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d: %s", o.code, code, o.err)
	}
	if strings.Count(o.err, "\n") != 1 || !strings.HasPrefix(o.err, "tools") {
		t.Errorf("%q is not one line that begins with tools", o.err)
	}
	for _, word := range words {
		if !strings.Contains(o.err, word) {
			t.Errorf("%q lacks %q", o.err, word)
		}
	}
}

// idxFile is an IDX file of unsigned bytes.
func idxFile(body []byte, dims ...uint32) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, d)
	}
	return append(out, body...)
}

// bars are n images of one bright bar each, at a place and of a width that
// depend on the index: there is something to learn.
func bars(n int) []byte {
	body := make([]byte, n*784)
	for i := range n {
		for y := range 28 {
			for x := 4 + i%16; x < 7+i%16+i%3; x++ {
				body[i*784+y*28+x] = byte(200 + i%50)
			}
		}
	}
	return idxFile(body, uint32(n), 28, 28)
}

// tinyData is a folder with 60 training and 20 test images.
func tinyData(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bars")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"train-images-idx3-ubyte": bars(60), "train-labels-idx1-ubyte": idxFile(make([]byte, 60), 60),
		"t10k-images-idx3-ubyte": bars(20), "t10k-labels-idx1-ubyte": idxFile(make([]byte, 20), 20),
	} {
		writeTestFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

func writeTestFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readTestFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tiny makes pretrain's arguments for a model of a few thousand parameters. The
// batch of 8 leaves a partial one at the end of the 60 images.
func tiny(dataDir, out string, more ...string) []string {
	return append([]string{"pretrain", "--data", dataDir, "--out", out, "--batch", "8",
		"--channels", "4,4,4,4", "--hidden", "8", "--decoder", "4"}, more...)
}

// tinyModel trains one epoch and returns the model's path and the data's.
func tinyModel(t *testing.T, more ...string) (model, dataDir string) {
	t.Helper()
	dataDir = tinyData(t)
	model = filepath.Join(t.TempDir(), "tiny.safetensors")
	mustRun(t, tiny(dataDir, model, append([]string{"--epochs", "1"}, more...)...)...)
	return model, dataDir
}

func TestCommandLine(t *testing.T) {
	if o := tools("--help"); o.code != 0 || !strings.Contains(o.out, "pretrain") {
		t.Errorf("--help: %+v", o)
	}
	if o := tools(); o.code != 0 || !strings.Contains(o.out, "pretrain") {
		t.Errorf("no arguments: %+v", o)
	}
	if o := tools("--version"); o.code != 0 || !strings.HasPrefix(o.out, "vaelab ") {
		t.Errorf("--version: %+v", o)
	}
	wantFailure(t, tools("pretrian"), exitUsage, "pretrian")
	wantFailure(t, tools("eval", "--nonsense"), exitUsage, "--nonsense")
}

// TestFlagsOutOfRange: one line that names the flag and its range, before any
// data are read.
func TestFlagsOutOfRange(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	for _, c := range []struct {
		args string
		want []string
	}{
		{"pretrain --epochs 0", []string{"--epochs", "1 to 100,000"}},
		{"pretrain --epochs 100001", []string{"--epochs", "1 to 100,000"}},
		{"pretrain --batch 0", []string{"--batch", "1 to 1,024"}},
		{"pretrain --batch 1025", []string{"--batch", "1 to 1,024"}},
		{"pretrain --lr 0", []string{"--lr", "1e-08 to 10"}},
		{"pretrain --lr NaN", []string{"--lr", "1e-08 to 10"}},
		{"pretrain --lr=-1", []string{"--lr", "1e-08 to 10"}},
		{"pretrain --lr Inf", []string{"--lr", "1e-08 to 10"}},
		{"pretrain --lr fast", []string{"--lr", "fast"}},
		{"pretrain --epsilon 0", []string{"--epsilon", "1e-30 to 1"}},
		{"pretrain --optimizer sgd", []string{"--optimizer", "sgd", "adam"}},
		{"pretrain --preset book", []string{"--preset", "book", "seed or elbo"}},
		{"pretrain --beta 2", []string{"--beta", "--preset elbo"}},
		{"pretrain --preset elbo --beta=-1", []string{"--beta", "0 to 1000"}},
		{"pretrain --latent 129", []string{"--latent", "1 to 128"}},
		{"pretrain --hidden 1025", []string{"--hidden", "1 to 1,024"}},
		{"pretrain --channels 1,2,3", []string{"--channels", "four"}},
		{"pretrain --channels 1,2,3,0", []string{"--channels", "1 to 512"}},
		{"pretrain --decoder 513", []string{"--decoder", "1 to 512"}},
		{"pretrain --shards 65", []string{"--shards", "1 to 64"}},
		{"pretrain --threads 0", []string{"--threads", "1 to 1,024"}},
		{"pretrain --subset 0", []string{"--subset", "1 to"}},
		{"pretrain --seed=-1", []string{"--seed"}},
		{"summary --latent 0", []string{"--latent", "1 to 128"}},
		{"eval --threads 1025", []string{"--threads", "1 to 1,024"}},
		{"eval --subset 0", []string{"--subset"}},
		{"sample --n 0", []string{"--n", "1 to 10,000"}},
		{"sample --temperature 11", []string{"--temperature", "0 to 10"}},
		{"manifold --n 1", []string{"--n", "2 to 200"}},
		{"reconstruct --n 1001", []string{"--n", "1 to 1,000"}},
		{"reconstruct --first=-1", []string{"--first"}},
		{"plot --out loss.gif x.json", []string{"--out", ".png or .svg"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Chdir(t.TempDir()) // nothing may be written
			args := strings.Fields(c.args)
			if args[0] == "pretrain" {
				args = append(args, "--data", nowhere)
			}
			wantFailure(t, tools(args...), exitUsage, c.want...)
			if entries, _ := os.ReadDir("."); len(entries) > 0 {
				t.Errorf("%s was written", entries[0].Name())
			}
		})
	}
}
