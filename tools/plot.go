package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"vaelab/tools/internal/atomicfile"
	"vaelab/tools/internal/losschart"
)

// PlotCmd draws the loss curves of runs.
type PlotCmd struct {
	Logs      []string `arg:"" help:"JSON logs that pretrain wrote."`
	Out       string   `default:"out/loss.png" placeholder:"FILE" help:"Picture to write, .png or .svg (${default})."`
	Reference bool     `default:"true" negatable:"" help:"Draw the book's own curves beside those of the seed's objective."`
	Readme    string   `placeholder:"FILE" help:"Draw nothing: write the curves as a table between FILE's curves marks, with the median of the runs and the book's own."`
	JSON      bool     `name:"json" help:"Print the curves as JSON."`
}

// Run reads the logs, which must be of one unit, and draws training and
// validation loss over epochs.
func (c *PlotCmd) Run(ctx context.Context, s streams) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), ".")
	if format != "png" && format != "svg" {
		return usagef("--out: %s is no .png or .svg", c.Out)
	}
	var runs []losschart.Run
	unit := ""
	for _, path := range c.Logs {
		run, u, err := readLog(path)
		if err != nil {
			return err
		}
		if unit != "" && u != unit {
			return fmt.Errorf("%s: its loss is in %s, that of %s in %s: draw them in two plots", path, lossUnit(u), c.Logs[0], lossUnit(unit))
		}
		unit = u
		runs = append(runs, run)
	}
	if c.Readme != "" {
		return c.writeReadme(runs, unit)
	}
	if c.Reference && unit == perPixel {
		runs = append(runs, losschart.Book)
	}
	if err := atomicfile.Check(c.Out); err != nil {
		return err
	}
	picture, err := losschart.Draw(runs, lossUnit(unit), format)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Out, err)
	}
	if err := atomicfile.Write(c.Out, picture); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, struct {
			Out  string          `json:"out"`
			Unit string          `json:"unit"`
			Runs []losschart.Run `json:"runs"`
		}{c.Out, unit, runs})
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %d %s\n", c.Out, len(c.Logs), plural(len(c.Logs), "run"))
	return err
}

// readLog reads the curves of a JSON log, and the unit of its loss.
func readLog(path string) (losschart.Run, string, error) {
	b, err := readFile(path)
	if err != nil {
		return losschart.Run{}, "", err
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return losschart.Run{}, "", fmt.Errorf("%s: the CSV does not name its objective: give the .json beside it", path)
	}
	var log runLog
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&log); err != nil {
		return losschart.Run{}, "", fmt.Errorf("%s: it is no JSON log of pretrain: %w", path, err)
	}
	if log.Unit != perPixel && log.Unit != nats {
		return losschart.Run{}, "", fmt.Errorf("%s: it is no JSON log of pretrain: its unit is %q", path, log.Unit)
	}
	if len(log.Rows) == 0 {
		return losschart.Run{}, "", fmt.Errorf("%s: no epoch is in it yet", path)
	}
	run := losschart.Run{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	for _, row := range log.Rows {
		run.Train = append(run.Train, row.Train.Loss)
		run.Val = append(run.Val, row.Val.Loss)
	}
	return run, log.Unit, nil
}
