package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vaelab/core"
)

// epochs is long enough that a signal finds the run under way.
const manyEpochs = "40"

// unstopped is the model of a run of manyEpochs that nothing stopped.
func unstopped(t *testing.T, dataDir string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.safetensors")
	mustRun(t, tiny(dataDir, path, "--epochs", manyEpochs)...)
	return readTestFile(t, path)
}

// startPretrain starts a run as a process and returns once it is in the given
// epoch.
func startPretrain(t *testing.T, dataDir, out, epoch string) (cmd *exec.Cmd, rest func() string) {
	t.Helper()
	cmd = process(tiny(dataDir, out, "--epochs", manyEpochs)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if lines.Text() == "Epoch "+epoch+"/"+manyEpochs {
			return cmd, func() string {
				io.Copy(io.Discard, stdout)
				cmd.Wait()
				return stderr.String()
			}
		}
	}
	cmd.Wait()
	t.Fatalf("the run ended before epoch %s: %s", epoch, stderr.String())
	return nil, nil
}

// TestSignalsThenResume: a run that SIGINT or SIGTERM stopped writes a
// checkpoint, and resumed from it gives the very file of one that ran through.
func TestSignalsThenResume(t *testing.T) {
	dataDir := tinyData(t)
	want := unstopped(t, dataDir)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			model := filepath.Join(t.TempDir(), "m.safetensors")
			cmd, rest := startPretrain(t, dataDir, model, "3")
			cmd.Process.Signal(signal)
			said := rest()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Fatalf("exit code %d, want %d: %s", code, exitInterrupted, said)
			}
			checkpoint := strings.TrimSuffix(model, modelSuffix) + checkpointSuffix
			if !strings.Contains(said, "--resume "+checkpoint) || !strings.Contains(said, "second signal") {
				t.Errorf("it said %q", said)
			}
			if _, err := os.Stat(model); err == nil {
				t.Error("an unfinished run wrote a model")
			}
			o := mustRun(t, "pretrain", "--data", dataDir, "--resume", checkpoint, "--threads", "2")
			if !strings.Contains(o.out, "resumed") || !strings.Contains(o.out, "Epoch 40/40") {
				t.Errorf("resuming said\n%s", o.out)
			}
			if !bytes.Equal(want, readTestFile(t, model)) {
				t.Error("the resumed run's model differs from the unstopped run's")
			}
		})
	}
}

// TestKilledThenResume: kill -9 leaves the last whole checkpoint.
func TestKilledThenResume(t *testing.T) {
	dataDir := tinyData(t)
	want := unstopped(t, dataDir)
	model := filepath.Join(t.TempDir(), "m.safetensors")
	cmd, rest := startPretrain(t, dataDir, model, "4")
	cmd.Process.Kill()
	rest()
	checkpoint := strings.TrimSuffix(model, modelSuffix) + checkpointSuffix
	mustRun(t, "pretrain", "--data", dataDir, "--resume", checkpoint)
	if !bytes.Equal(want, readTestFile(t, model)) {
		t.Error("the resumed run's model differs from the unstopped run's")
	}
}

// stopAfter ends a context at the nth line that is written.
type stopAfter struct {
	n      int
	cancel context.CancelCauseFunc
}

func (w *stopAfter) Write(p []byte) (int, error) {
	if w.n--; w.n == 0 {
		w.cancel(errors.New("stopped by the test"))
	}
	return len(p), nil
}

// TestResumeInTheMiddleOfAnEpoch stops through the context, so that the place is
// certain, and goes on.
func TestResumeInTheMiddleOfAnEpoch(t *testing.T) {
	dataDir := tinyData(t)
	set, err := dataFlags{dataDir}.load(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// A checkpoint of pretrain's, moved on by three steps of epoch 2.
	path := filepath.Join(dir, "m.safetensors")
	checkpoint := filepath.Join(dir, "m"+checkpointSuffix)
	mustRun(t, tiny(dataDir, path, "--epochs", "1")...)
	trainer, metadata, err := core.Resume(readTestFile(t, checkpoint), set.train)
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.SetEpochs(3); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
	}
	b, err := trainer.Checkpoint(metadata)
	if err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, checkpoint, b)
	mustRun(t, "pretrain", "--data", dataDir, "--resume", checkpoint)
	whole := filepath.Join(dir, "whole.safetensors")
	mustRun(t, tiny(dataDir, whole, "--epochs", "3")...)
	if !bytes.Equal(readTestFile(t, path), readTestFile(t, whole)) {
		t.Error("the resumed run's model differs from the unstopped run's")
	}
}

// TestContextStops: a context that ends is as good as a signal.
func TestContextStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	model := filepath.Join(t.TempDir(), "m.safetensors")
	var said bytes.Buffer
	code := run(ctx, tiny(tinyData(t), model, "--epochs", manyEpochs), streams{&stopAfter{12, cancel}, &said})
	if code != exitInterrupted || !strings.Contains(said.String(), "stopped by the test; go on with: pretrain --resume") {
		t.Fatalf("exit code %d: %s", code, said.String())
	}
}

// TestSecondSignalKills sends two signals in the middle of a long validation:
// the first waits for it, the second does not.
func TestSecondSignalKills(t *testing.T) {
	dataDir := tinyData(t)
	writeTestFile(t, filepath.Join(dataDir, "t10k-images-idx3-ubyte"), bars(40_000))
	writeTestFile(t, filepath.Join(dataDir, "t10k-labels-idx1-ubyte"), idxFile(make([]byte, 40_000), 40_000))
	cmd, rest := startPretrain(t, dataDir, filepath.Join(t.TempDir(), "m.safetensors"), "1")
	begin := time.Now()
	time.Sleep(300 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGTERM)
	time.Sleep(100 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGTERM)
	said := rest()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Fatalf("it ended by %v after %v: %s", cmd.ProcessState, time.Since(begin), said)
	}
	if !strings.Contains(said, "second signal stops at once") {
		t.Errorf("it said %q", said)
	}
}

func TestResumeRefusals(t *testing.T) {
	model, dataDir := tinyModel(t)
	checkpoint := strings.TrimSuffix(model, modelSuffix) + checkpointSuffix
	resume := func(file string, more ...string) outcome {
		return tools(append([]string{"pretrain", "--data", dataDir, "--resume", file}, more...)...)
	}
	for _, flags := range []string{"--lr 1", "--batch 8", "--seed 1", "--latent 2", "--preset seed", "--optimizer adam", "--epsilon 1e-7", "--beta 1", "--subset 9", "--shards 1", "--channels 1,1,1,1"} {
		wantFailure(t, resume(checkpoint, strings.Fields(flags)...), exitUsage, strings.Fields(flags)[0], "keeps its settings")
	}
	wantFailure(t, resume(model), 1, model, "without a training state")
	wantFailure(t, resume(filepath.Join(t.TempDir(), "gone")), 1, "--resume", "gone", "no such file")
	broken := filepath.Join(t.TempDir(), "broken"+checkpointSuffix)
	writeTestFile(t, broken, readTestFile(t, checkpoint)[:5000])
	wantFailure(t, resume(broken), 1, broken)

	other := tinyData(t)
	images := readTestFile(t, filepath.Join(other, "train-images-idx3-ubyte"))
	images[5000] ^= 1
	writeTestFile(t, filepath.Join(other, "train-images-idx3-ubyte"), images)
	wantFailure(t, tools("pretrain", "--data", other, "--resume", checkpoint, "--epochs", "2"), 1, checkpoint, "same data")

	mustRun(t, "pretrain", "--data", dataDir, "--resume", checkpoint, "--epochs", "3")
	wantFailure(t, resume(checkpoint, "--epochs", "2"), exitUsage, "--epochs", "fewer than the 3")
}
