package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"vaelab/core"
	"vaelab/tools/internal/atomicfile"
	"vaelab/tools/internal/rounds"
)

// BenchCmd measures kernels and whole steps, or turns a measurement into README's table.
type BenchCmd struct {
	threadFlags
	Quick   bool   `help:"Few and short rounds: a rough idea in seconds."`
	JSON    bool   `name:"json" help:"Print JSON."`
	Peers   bool   `help:"Measure PyTorch on the same model, too; it is installed below bin/ where no Python has it."`
	Out     string `placeholder:"FILE" help:"Write the raw results to FILE as JSON, too."`
	Readme  string `placeholder:"FILE" help:"Measure nothing: write the table of --results between FILE's bench marks."`
	Results string `placeholder:"FILE" help:"Raw results for --readme (bench/results.json)."`
}

// Run measures for about a minute, interrupted by SIGINT or SIGTERM.
func (c *BenchCmd) Run(ctx context.Context, s streams) error {
	if c.Readme != "" {
		if flag := firstGiven(setFlag{"--out", c.Out != ""}, setFlag{"--json", c.JSON}, setFlag{"--quick", c.Quick},
			setFlag{"--peers", c.Peers}, setFlag{"--threads", c.Threads != nil}); flag != "" {
			return usagef("%s measures and --readme does not: use one of them", flag)
		}
		return c.writeReadme()
	}
	if c.Results != "" {
		return usagef("--results goes with --readme: to write results, use --out")
	}
	threads, err := c.threads()
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := atomicfile.Check(c.Out); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	ctx, stop := interruptible(ctx, func(os.Signal) {})
	defer stop()
	plan := rounds.Plan{Rounds: fullRounds, Slice: fullSlice, Now: time.Now}
	if c.Quick {
		plan.Rounds, plan.Slice = quickRounds, quickSlice
	}
	report, err := measureBench(ctx, plan, s.err, threads)
	if err != nil {
		return err
	}
	report.Quick = c.Quick
	if c.Peers {
		root, err := moduleRoot()
		if err != nil {
			return fmt.Errorf("--peers: %w", err)
		}
		if report.Torch, err = measureTorch(ctx, root, systemPythons, threads, c.Quick, s.err); err != nil {
			return err
		}
	}
	if c.Out != "" {
		raw, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := atomicfile.Write(c.Out, append(raw, '\n')); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	if c.JSON {
		return printJSON(s.out, report)
	}
	return report.print(s.out)
}

// How long to measure: slices are long beside the scheduler's, rounds many
// enough for a standard deviation.
const (
	fullRounds, fullSlice   = 10, 150 * time.Millisecond
	quickRounds, quickSlice = 3, 40 * time.Millisecond
)

// measureBench runs every subject as planned, with its progress on news.
func measureBench(ctx context.Context, plan rounds.Plan, news io.Writer, threads int) (*benchReport, error) {
	subjects, err := benchSubjects(core.DefaultConfig(), threads)
	if err != nil {
		return nil, err
	}
	terminal := isTerminal(news)
	plan.Before = func(round int) {
		runtime.GC() // now, not in the middle of somebody's slice
		if terminal {
			fmt.Fprintf(news, "\rround %d of %d ", round+1, plan.Rounds)
		}
	}
	if terminal {
		fmt.Fprint(news, "warming up ")
		defer fmt.Fprint(news, "\r                  \r")
	}
	timed := make([]rounds.Subject, len(subjects))
	for i, subject := range subjects {
		timed[i] = rounds.Subject{Name: subject.name, Run: subject.run}
	}
	rates, err := rounds.Measure(ctx, plan, timed)
	if err != nil {
		return nil, err
	}
	return newBenchReport(subjects, rates, threads), nil
}

// writeReadme rewrites the table between README's marks.
func (c *BenchCmd) writeReadme() error {
	results := c.Results
	if results == "" {
		results = filepath.Join("bench", "results.json")
	}
	raw, err := readFile(results)
	if err != nil {
		return fmt.Errorf("--results: %w: measure first with bench --out %s", err, results)
	}
	var report benchReport
	if err := json.Unmarshal(raw, &report); err != nil {
		return fmt.Errorf("--results: %s: %w: write it anew with bench --out %s", results, err, results)
	}
	if err := report.check(); err != nil {
		return fmt.Errorf("--results: %s: %w: write it anew with bench --out %s", results, err, results)
	}
	text, err := readFile(c.Readme)
	if err != nil {
		return fmt.Errorf("--readme: %w", err)
	}
	content := report.markdown()
	web, err := readWebReport(results)
	if err != nil {
		return fmt.Errorf("--results: %w", err)
	}
	if web != nil {
		content += web.markdown()
	}
	text, err = replaceMarked(text, benchBegin, benchEnd, content)
	if err != nil {
		return fmt.Errorf("--readme: %s: %w", c.Readme, err)
	}
	if err := atomicfile.Write(c.Readme, text); err != nil {
		return fmt.Errorf("--readme: %w", err)
	}
	return nil
}
