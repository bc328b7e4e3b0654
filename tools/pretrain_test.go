package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"vaelab/core"
)

func TestPretrainWritesModelCheckpointAndLogs(t *testing.T) {
	for preset, line := range map[string]string{
		"seed": `(?m)^60/60 - \d+s - loss: 0\.\d{4} - val_loss: 0\.\d{4} - \d+ images/s$`,
		"elbo": `(?m)^60/60 - \d+s - loss: \d+\.\d\d - reconstruction: \d+\.\d\d - kl: \d+\.\d\d - val_loss: \d+\.\d\d - val_reconstruction: \d+\.\d\d - val_kl: \d+\.\d\d - \d+ images/s$`,
	} {
		t.Run(preset, func(t *testing.T) {
			dir := t.TempDir()
			model := filepath.Join(dir, "sub", "tiny.safetensors") // sub is made
			o := mustRun(t, tiny(tinyData(t), model, "--preset", preset, "--epochs", "3", "--lr", "0.003", "--seed", "7")...)
			if got := len(regexp.MustCompile(line).FindAllString(o.out, -1)); got != 3 {
				t.Errorf("%d lines of an epoch in\n%s", got, o.out)
			}
			for _, want := range []string{"Epoch 1/3\n", "Epoch 3/3\n", core.Kernel(), "bars: 60 training and 20 validation images", "wrote " + model} {
				if !strings.Contains(o.out, want) {
					t.Errorf("the output lacks %q:\n%s", want, o.out)
				}
			}
			if strings.Contains(o.out+o.err, "\x1b") || o.err != "" {
				t.Errorf("escape codes or remarks off a terminal: %q", o.err)
			}
			var names []string
			entries, _ := os.ReadDir(filepath.Dir(model))
			for _, e := range entries {
				names = append(names, e.Name())
			}
			if got := strings.Join(names, " "); got != "tiny.checkpoint.safetensors tiny.csv tiny.json tiny.safetensors" {
				t.Errorf("the run wrote %s", got)
			}
			checkRun(t, model, preset)
		})
	}
}

// checkRun compares model, JSON and CSV of a run of three epochs with each other.
func checkRun(t *testing.T, model, preset string) {
	t.Helper()
	m, metadata, err := core.LoadModel(readTestFile(t, model))
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(model, modelSuffix)
	var log runLog
	if err := json.Unmarshal(readTestFile(t, base+".json"), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Rows) != 3 || log.Kernel != core.Kernel() || log.Parameters != m.Parameters() || log.Seed != 7 || log.Objective != preset || log.Batch != 8 {
		t.Errorf("the log says %+v", log)
	}
	if log.Rows[2].Train.Loss >= log.Rows[0].Train.Loss {
		t.Errorf("the loss went from %v to %v", log.Rows[0].Train.Loss, log.Rows[2].Train.Loss)
	}
	for key, want := range map[string]string{
		"objective": preset, "seed": "7", "epochs": "3", "version": core.Version, "train_images": "60", "learning_rate": "0.003",
		"val_loss": strconv.FormatFloat(log.Rows[2].Val.Loss, 'g', 7, 64), "command": log.Command,
	} {
		if metadata[key] != want {
			t.Errorf("metadata %q is %q, want %q", key, metadata[key], want)
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(readTestFile(t, base+".csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 || strings.Join(rows[0], ",") != strings.Join(csvHeader, ",") {
		t.Fatalf("the CSV has %d rows, headed %v", len(rows), rows[0])
	}
	if got, _ := strconv.ParseFloat(rows[3][4], 64); got < log.Rows[2].Val.Loss*(1-1e-8) || got > log.Rows[2].Val.Loss*(1+1e-8) {
		t.Errorf("the CSV's val_loss is %s, the JSON's %v", rows[3][4], log.Rows[2].Val.Loss)
	}
}

// TestRecordedCommandMakesTheSameModel runs what the model's metadata say.
func TestRecordedCommandMakesTheSameModel(t *testing.T) {
	dataDir, dir := tinyData(t), t.TempDir()
	first, second := filepath.Join(dir, "a.safetensors"), filepath.Join(dir, "b.safetensors")
	mustRun(t, tiny(dataDir, first, "--preset", "elbo", "--beta", "0.5", "--epochs", "2", "--seed", "12345678901234567890", "--subset", "50", "--threads", "2")...)
	_, metadata, err := core.LoadModel(readTestFile(t, first))
	if err != nil {
		t.Fatal(err)
	}
	words, ok := strings.CutPrefix(metadata["command"], "go run ./tools ")
	if !ok || !strings.Contains(words, "--data bars") {
		t.Fatalf("the command is %q", metadata["command"])
	}
	t.Chdir(filepath.Dir(dataDir))
	mustRun(t, append(strings.Fields(words), "--out", second, "--threads", "1")...)
	if !bytes.Equal(readTestFile(t, first), readTestFile(t, second)) {
		t.Error("another model")
	}
}

func TestPretrainJSON(t *testing.T) {
	o := mustRun(t, tiny(tinyData(t), filepath.Join(t.TempDir(), "m.safetensors"), "--epochs", "1", "--json")...)
	var log runLog
	if err := json.Unmarshal([]byte(o.out), &log); err != nil {
		t.Fatalf("stdout is not JSON only: %v\n%s", err, o.out)
	}
	if len(log.Rows) != 1 || !strings.Contains(o.err, "Epoch 1/1") {
		t.Errorf("%+v\n%s", log, o.err)
	}
}

func TestPretrainRefusesToOverwrite(t *testing.T) {
	model, dataDir := tinyModel(t)
	before := readTestFile(t, model)
	other := tiny(dataDir, model, "--epochs", "1", "--seed", "2")
	wantFailure(t, tools(other...), 1, model, "exists", "--force", "--out", "--resume")
	if !bytes.Equal(before, readTestFile(t, model)) {
		t.Fatal("the model was overwritten")
	}
	checkpoint := strings.TrimSuffix(model, modelSuffix) + checkpointSuffix
	for _, gone := range []string{model, checkpoint} {
		os.Remove(gone)
		wantFailure(t, tools(other...), 1, "exists", "--force") // the next file still is there
	}
	mustRun(t, append(other, "--force")...)
	if bytes.Equal(before, readTestFile(t, model)) {
		t.Fatal("--force wrote nothing")
	}

	// A resumed run may replace its own files, not those of another.
	mine, _ := tinyModel(t)
	resume := []string{"pretrain", "--data", dataDir, "--resume", checkpoint, "--epochs", "2"}
	wantFailure(t, tools(append(resume, "--out", mine)...), 1, mine, "not of the run", "--force")
	mustRun(t, resume...)

	foreign := filepath.Join(t.TempDir(), "notes.safetensors")
	writeTestFile(t, foreign, []byte("my notes"))
	wantFailure(t, tools(append(resume, "--out", foreign)...), 1, foreign, "--force")
	if string(readTestFile(t, foreign)) != "my notes" {
		t.Fatal("a foreign file was overwritten")
	}
}

func TestPretrainUnwritable(t *testing.T) {
	dataDir, dir := tinyData(t), t.TempDir()
	file := filepath.Join(dir, "file")
	writeTestFile(t, file, nil)
	for path, want := range map[string]string{
		filepath.Join(file, "model.safetensors"): "not a directory",
		dir:                                      "is a folder",
	} {
		wantFailure(t, tools(tiny(dataDir, path)...), 1, path, want)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("something was written beside the file")
	}
}

func TestPretrainOnAFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs Linux and root, to mount a small file system")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount: %v %s", err, out)
	}
	defer exec.Command("umount", dir).Run()
	o := tools(tiny(tinyData(t), filepath.Join(dir, "m.safetensors"))...)
	wantFailure(t, o, 1, "no space left", "free some space", dir)
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%s was left behind", entries[0].Name())
	}
}

func TestPretrainBadData(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    []string
	}{
		"truncated gzip":  {"train-images-idx3-ubyte", []byte{0x1f, 0x8b, 8, 0, 0}, []string{"truncated"}},
		"wrong magic":     {"t10k-images-idx3-ubyte", []byte("<html>not found</html>"), []string{"magic number"}},
		"counts disagree": {"train-labels-idx1-ubyte", idxFile(make([]byte, 59), 59), []string{"60 images", "59 labels"}},
		"another size":    {"train-images-idx3-ubyte", idxFile(make([]byte, 64), 1, 8, 8), []string{"8×8", "28×28"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, out := tinyData(t), t.TempDir()
			writeTestFile(t, filepath.Join(dir, c.file), c.content)
			wantFailure(t, tools(tiny(dir, filepath.Join(out, "m.safetensors"))...), 1, append(c.want, c.file)...)
			if entries, _ := os.ReadDir(out); len(entries) != 0 {
				t.Errorf("%s was written", entries[0].Name())
			}
		})
	}
	wantFailure(t, tools(tiny(filepath.Join(t.TempDir(), "gone"), "m.safetensors")...), 1, "gone", "no such file")
	wantFailure(t, tools(tiny(tinyData(t), "m.safetensors", "--subset", "61")...), exitUsage, "--subset", "1 to 60")
}

func TestPretrainDiverges(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m.safetensors")
	o := tools(tiny(tinyData(t), model, "--lr", "10", "--epochs", "20")...)
	wantFailure(t, o, 1, "diverged", "--lr is 10", "epoch")
	if _, err := os.Stat(model); err == nil {
		t.Error("a model was written")
	}
}
