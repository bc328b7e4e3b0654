package main

import (
	"bufio"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"

	"vaelab/core"
	"vaelab/tools/internal/rounds"
)

// benchReport is what bench prints and writes. Figures at the top are means with
// Threads threads, those under SingleThread with one.
type benchReport struct {
	Kernel  string `json:"kernel"`
	Lanes   int    `json:"lanes"`
	Threads int    `json:"threads"`
	Go      string `json:"go"`
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Version string `json:"version"`
	Quick   bool   `json:"quick"`

	benchFigures
	SingleThread benchFigures `json:"single_thread"`

	Results []benchResult `json:"results"`
	Torch   *peerReport   `json:"pytorch,omitempty"`
}

// benchFigures are the means that matter most; images a second by batch.
type benchFigures struct {
	FMAPeak float64            `json:"fma_peak_gflops"`
	Train   map[string]float64 `json:"train_images_per_s"`
	Encode  float64            `json:"encode_images_per_s"`
	Decode  float64            `json:"decode_images_per_s"`
}

// benchResult is one subject's measurement. Share is that of the peak with as
// many threads, taken round by round.
type benchResult struct {
	Group   benchGroup `json:"group"`
	Name    string     `json:"name"`
	Threads int        `json:"threads"`
	Batch   int        `json:"batch,omitempty"`
	Images  *benchStat `json:"images_per_s,omitempty"`
	GFLOPS  benchStat  `json:"gflops"`
	Share   float64    `json:"share_of_peak"`
}

// benchStat is a sample and its summary.
type benchStat struct {
	Mean   float64   `json:"mean"`
	SD     float64   `json:"sd"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Runs   int       `json:"runs"`
	Values []float64 `json:"values"`
}

// newBenchStat summarises rates × scale.
func newBenchStat(rates []float64, scale float64) benchStat {
	values := make([]float64, len(rates))
	for i, r := range rates {
		values[i] = r * scale
	}
	s := rounds.Summarise(values)
	return benchStat{s.Mean, s.SD, s.Min, s.Max, s.Runs, values}
}

// noisySpread is the relative standard deviation above which a figure is not to
// be relied on.
const noisySpread = .10

func (s benchStat) noisy() bool { return s.SD > noisySpread*s.Mean }

// newBenchReport makes the report of subjects that ran at rates calls a second.
func newBenchReport(subjects []benchSubject, rates [][]float64, threads int) *benchReport {
	r := &benchReport{
		Kernel: core.Kernel(), Lanes: core.Lanes(), Threads: threads,
		Go: runtime.Version(), CPU: cpuModel(), Cores: runtime.NumCPU(), Version: core.Version,
	}
	peaks := map[int][]float64{} // by threads, FLOP/s in each round
	for i, s := range subjects {
		if s.group == groupPeak {
			peaks[s.threads] = newBenchStat(rates[i], s.flop).Values
		}
	}
	for i, s := range subjects {
		result := benchResult{Group: s.group, Name: s.name, Threads: s.threads, Batch: s.batch, GFLOPS: newBenchStat(rates[i], s.flop/1e9)}
		if s.images > 0 {
			images := newBenchStat(rates[i], s.images)
			result.Images = &images
		}
		share := rounds.Ratios(newBenchStat(rates[i], s.flop).Values, peaks[s.threads])
		result.Share = rounds.Summarise(share).Mean
		r.Results = append(r.Results, result)
	}
	r.benchFigures, r.SingleThread = r.figures(threads), r.figures(1)
	return r
}

// figures picks the means of the results with that many threads.
func (r *benchReport) figures(threads int) benchFigures {
	f := benchFigures{Train: map[string]float64{}}
	for _, b := range r.Results {
		if b.Threads != threads {
			continue
		}
		switch {
		case b.Group == groupPeak:
			f.FMAPeak = b.GFLOPS.Mean
		case b.Group == groupStep:
			f.Train[strconv.Itoa(b.Batch)] = b.Images.Mean
		case b.Group == groupModel && b.Batch > 1 && strings.HasPrefix(b.Name, "encode"):
			f.Encode = b.Images.Mean
		case b.Group == groupModel && b.Batch > 1 && strings.HasPrefix(b.Name, "decode"):
			f.Decode = b.Images.Mean
		}
	}
	return f
}

// noisy lists the subjects that a busy machine disturbed.
func (r *benchReport) noisy() (names []string) {
	for _, b := range r.Results {
		if b.GFLOPS.noisy() {
			names = append(names, b.label())
		}
	}
	return names
}

// label is the subject's name with its threads.
func (b benchResult) label() string {
	if b.Threads == 1 {
		return b.Name + ", 1 thread"
	}
	return b.Name + ", " + strconv.Itoa(b.Threads) + " threads"
}

// check reports what a results file lacks for a table.
func (r *benchReport) check() error {
	if len(r.Results) == 0 || r.Kernel == "" || r.Threads < 1 {
		return errors.New("it holds no benchmark results")
	}
	for _, b := range r.Results {
		if b.Group != groupPeak && b.Images == nil {
			return errors.New("result " + strconv.Quote(b.Name) + " lacks images_per_s")
		}
	}
	if r.Torch != nil {
		return r.Torch.check()
	}
	return nil
}

// cpuModel is the processor's name as Linux knows it, elsewhere the architecture.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
