package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vaelab/core"
	"vaelab/tools/internal/rounds"
)

// TestWork holds the count to the figures of the model's description.
func TestWork(t *testing.T) {
	w := workOf(core.DefaultConfig())
	for _, tt := range []struct {
		name            string
		got, want, half float64 // half a unit of want's last digit
	}{
		{"forward, M", (w.encode() + w.decode()) / 1e6, 22.55, .005},
		{"training step, M", w.train() / 1e6, 67.4, .05},
		{"epoch of 60,000, TFLOP", 2 * w.train() * 60_000 / 1e12, 8.09, .005},
		{"decoder's share of forward, per cent", 100 * w.decode() / (w.encode() + w.decode()), 17, .5},
	} {
		if math.Abs(tt.got-tt.want) > tt.half {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// TestWorkOfAnotherModel counts a small model by looping.
func TestWorkOfAnotherModel(t *testing.T) {
	c := core.Config{Latent: 3, Hidden: 5, Encoder: [4]int{2, 7, 4, 6}, Decoder: 9}
	w := workOf(c)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"conv1", w.conv[0], 28 * 28 * 9 * 1 * 2},
		{"conv2", w.conv[1], 14 * 14 * 9 * 2 * 7},
		{"conv4", w.conv[3], 14 * 14 * 9 * 4 * 6},
		{"dense", w.dense, 14 * 14 * 6 * 5},
		{"heads", w.heads, 2 * 5 * 3},
		{"decoder dense", w.decoderDense, 3 * 14 * 14 * 6},
		{"deconv", w.deconv, 14 * 14 * 9 * 6 * 9},
		{"out", w.outConv, 28 * 28 * 9 * 9},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// TestMeasureBench runs everything once, briefly.
func TestMeasureBench(t *testing.T) {
	plan := rounds.Plan{Rounds: 2, Slice: time.Millisecond, Now: time.Now}
	r, err := measureBench(context.Background(), plan, io.Discard, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.check(); err != nil {
		t.Error(err)
	}
	for _, b := range r.Results {
		if !(b.GFLOPS.Mean > 0) || b.GFLOPS.Runs != 2 || len(b.GFLOPS.Values) != 2 || !(b.Share > 0) {
			t.Errorf("%s: %+v", b.label(), b)
		}
	}
	if r.Kernel != core.Kernel() || r.Threads != 2 || r.CPU == "" || r.Go == "" {
		t.Errorf("header %+v", r)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var keys struct {
		Kernel  string             `json:"kernel"`
		Threads int                `json:"threads"`
		Peak    float64            `json:"fma_peak_gflops"`
		Train   map[string]float64 `json:"train_images_per_s"`
		Decode  float64            `json:"decode_images_per_s"`
	}
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	if keys.Kernel == "" || keys.Threads != 2 || !(keys.Peak > 0) || !(keys.Decode > 0) ||
		!(keys.Train["1"] > 0) || !(keys.Train["16"] > 0) || !(keys.Train["128"] > 0) {
		t.Errorf("JSON lacks figures: %+v", keys)
	}
	if r.FMAPeak == r.SingleThread.FMAPeak {
		t.Error("the figures of one and of two threads are the same measurement")
	}
}

func TestMeasureBenchStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	cancel(enough)
	plan := rounds.Plan{Rounds: 1, Slice: time.Millisecond, Now: time.Now}
	if _, err := measureBench(ctx, plan, io.Discard, 1); err != enough {
		t.Errorf("got %v, want the context's cause", err)
	}
}

// benchFixture is a report of invented subjects.
func benchFixture() *benchReport {
	subjects := []benchSubject{
		{group: groupPeak, name: "FMA peak", threads: 1, flop: 1e9},
		{group: groupStep, name: "train, batch 16", threads: 1, batch: 16, images: 16, flop: 1e9},
		{group: groupModel, name: "decode, batch 128", threads: 1, batch: 128, images: 128, flop: 1e9},
		{group: groupKernel, name: "conv3 forward", threads: 1, images: 1, flop: 1e9},
	}
	// The machine halves its speed in the second round.
	rates := [][]float64{{100, 50}, {80, 40}, {50, 25}, {90, 45}}
	return newBenchReport(subjects, rates, 1)
}

func TestBenchReport(t *testing.T) {
	r := benchFixture()
	if r.FMAPeak != 75 || r.Train["16"] != 960 || r.Decode != 4800 {
		t.Errorf("figures %+v", r.benchFigures)
	}
	if s := r.Results[1]; math.Abs(s.Share-.8) > 1e-12 || s.Images.Min != 640 || s.Images.Max != 1280 {
		t.Errorf("training: %+v, want a share of .8 in spite of the slow round", s)
	}
	var b bytes.Buffer
	if err := r.print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{core.Kernel(), "train, batch 16", "80 %", "960 ± ", "640 … 1,280", "warning: the machine was noisy"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	calm := newBenchReport([]benchSubject{{group: groupPeak, name: "FMA peak", threads: 1, flop: 1e9}}, [][]float64{{100, 101, 99}}, 1)
	if names := calm.noisy(); len(names) != 0 {
		t.Errorf("noisy: %v, want none at a spread of 1 %%", names)
	}
}

func TestBenchReadme(t *testing.T) {
	dir := t.TempDir()
	readme, results := filepath.Join(dir, "README.md"), filepath.Join(dir, "results.json")
	raw, err := json.Marshal(benchFixture())
	if err != nil {
		t.Fatal(err)
	}
	text := "# Title\n\n" + benchBegin + "\nold\n" + benchEnd + "\n\nrest\n"
	for name, content := range map[string]string{readme: text, results: string(raw)} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time must change nothing
		var stderr bytes.Buffer
		if code := run(context.Background(), []string{"bench", "--readme", readme, "--results", results}, streams{io.Discard, &stderr}); code != 0 {
			t.Fatalf("exit code %d: %s", code, &stderr)
		}
		got, err := os.ReadFile(readme)
		if err != nil {
			t.Fatal(err)
		}
		want := "# Title\n\n" + benchBegin + "\n" + benchFixture().markdown() + benchEnd + "\n\nrest\n"
		if string(got) != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	if table := benchFixture().markdown(); !strings.Contains(table, "| train, batch 16 | 1 | 960 ± ") {
		t.Errorf("no row for training in\n%s", table)
	}
}

func TestBenchRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	raw, err := json.Marshal(benchFixture())
	if err != nil {
		t.Fatal(err)
	}
	good, marked := write("good.json", string(raw)), write("marked.md", benchBegin+"\n"+benchEnd+"\n")
	bare, open := write("bare.md", "nothing\n"), write("open.md", benchBegin+"\n")
	broken, empty := write("broken.json", "{"), write("empty.json", "{}")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"threads", []string{"--threads", "0"}, "--threads"},
		{"out is a folder", []string{"--out", dir}, "--out"},
		{"results without readme", []string{"--results", good}, "--readme"},
		{"readme and quick", []string{"--readme", marked, "--quick"}, "--quick"},
		{"no results", []string{"--readme", marked, "--results", filepath.Join(dir, "none.json")}, "none.json"},
		{"broken results", []string{"--readme", marked, "--results", broken}, "broken.json"},
		{"empty results", []string{"--readme", marked, "--results", empty}, "empty.json"},
		{"no README", []string{"--readme", filepath.Join(dir, "none.md"), "--results", good}, "none.md"},
		{"no marks", []string{"--readme", bare, "--results", good}, "bench:begin"},
		{"no end mark", []string{"--readme", open, "--results", good}, "bench:end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, stderr bytes.Buffer
			code := run(context.Background(), append([]string{"bench"}, tt.args...), streams{&out, &stderr})
			if code == 0 || !strings.Contains(stderr.String(), tt.want) || strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("exit code %d, %q, want one line that mentions %q", code, &stderr, tt.want)
			}
		})
	}
}

// TestReadmeIsCurrent: README's table is the one of the committed results.
func TestReadmeIsCurrent(t *testing.T) {
	raw, err := os.ReadFile("../bench/results.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no committed results")
	}
	if err != nil {
		t.Fatal(err)
	}
	var r benchReport
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	content := r.markdown()
	web, err := readWebReport("../bench/results.json")
	if err != nil {
		t.Fatal(err)
	}
	if web != nil {
		content += web.markdown()
	}
	want, err := replaceMarked(text, benchBegin, benchEnd, content)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Error("README.md does not show bench/results.json: run make readme")
	}
}
