package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// webReport is what make bench-web writes: the page's engine in a browser, and peers.
type webReport struct {
	CPU      string       `json:"cpu"`
	Cores    int          `json:"cores"`
	Chromium string       `json:"chromium"`
	Date     string       `json:"date"`
	Quick    bool         `json:"quick"`
	Systems  []webSystem  `json:"systems"`
	Results  []webResult  `json:"results"`
	Skipped  []webSkipped `json:"skipped"`
}

// webSystem is a build of the engine with some workers, or a peer (Workers is 0).
type webSystem struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Device  string `json:"device"`
	Workers int    `json:"workers"`
}

// webResult is one measurement; encoding is in seconds for 10,000 digits.
type webResult struct {
	System  string `json:"system"`
	Workers int    `json:"workers"`
	Kind    string `json:"kind"` // train, decode, manifold, encode
	Batch   int    `json:"batch"`
	Unit    string `json:"unit"`
	benchStat
}

type webSkipped struct {
	System string `json:"system"`
	Why    string `json:"why"`
}

// readWebReport reads bench/web/results.json beside the native results; nil where there is none.
func readWebReport(results string) (*webReport, error) {
	path := filepath.Join(filepath.Dir(results), "web", "results.json")
	raw, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r webReport
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%s: %w: write it anew with make bench-web", path, err)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w: write it anew with make bench-web", path, err)
	}
	return &r, nil
}

// check reports what the file lacks for a table.
func (r *webReport) check() error {
	if len(r.Systems) == 0 || len(r.Results) == 0 {
		return errors.New("it holds no benchmark results")
	}
	for _, result := range r.Results {
		if result.Runs < 1 || !(result.Mean > 0) {
			return errors.New("a result of " + strconv.Quote(result.System) + " holds no figures")
		}
	}
	return nil
}

// webColumns are the measurements of a row, ours in both batches; a peer trains in
// batches of its own, which its row tells.
var webColumns = []struct {
	title, kind string
	batch       int // 0: any
}{
	{"training, batch 16, images/s", "train", 16},
	{"batch 128, images/s", "train", 128},
	{"decode one z, ms", "decode", 0},
	{"20×20 manifold, ms", "manifold", 0},
	{"encode 10,000 digits, s", "encode", 0},
}

// markdown is README's table of the browser's figures.
func (r *webReport) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nIn the tab: Chromium %s, %s, %d cores; mean ± σ of interleaved runs. Every system runs the same model.\n\n", r.Chromium, r.CPU, r.Cores)
	b.WriteString("| | workers |")
	for _, c := range webColumns {
		fmt.Fprintf(&b, " %s |", c.title)
	}
	b.WriteString("\n|---|--:|" + strings.Repeat("--:|", len(webColumns)) + "\n")
	for _, s := range r.Systems {
		name, workers := s.Name, ""
		if s.Workers > 0 {
			workers = strconv.Itoa(s.Workers)
		} else {
			name += " " + s.Version + " (" + s.Device + ")"
		}
		fmt.Fprintf(&b, "| %s | %s |", name, workers)
		for _, c := range webColumns {
			fmt.Fprintf(&b, " %s |", r.cell(s, c.kind, c.batch))
		}
		b.WriteByte('\n')
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "\nNot measured: %s, %s.\n", s.System, strings.TrimSuffix(s.Why, "."))
	}
	if noisy := r.noisy(); noisy > 0 {
		fmt.Fprintf(&b, "\nThe machine was noisy (σ above %.0f %%) for %d of %d figures.\n", 100*noisySpread, noisy, len(r.Results))
	}
	if r.Quick {
		b.WriteString("\nA quick run: not for quoting.\n")
	}
	b.WriteByte('\n')
	return b.String()
}

func (r *webReport) cell(s webSystem, kind string, batch int) string {
	i := slices.IndexFunc(r.Results, func(m webResult) bool {
		return m.System == s.Name && m.Workers == s.Workers && m.Kind == kind && (batch == 0 || m.Batch == batch)
	})
	if i < 0 {
		return ""
	}
	return meanText(r.Results[i].benchStat)
}

func (r *webReport) noisy() (n int) {
	for _, m := range r.Results {
		if m.benchStat.noisy() {
			n++
		}
	}
	return n
}
