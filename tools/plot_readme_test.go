package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vaelab/tools/internal/losschart"
)

func TestCurvesTable(t *testing.T) {
	table := curvesTable([]losschart.Run{
		{Name: "a", Train: []float64{.25, .20}, Val: []float64{.24, .21}},
		{Name: "b", Train: []float64{.23}, Val: []float64{.26}},
		{Name: "c", Train: []float64{.24}, Val: []float64{.22}},
	})
	for _, want := range []string{
		"| epoch | book | a | b | c | median |",
		"| 1 | 0.2109 / 0.1966 | 0.2500 / 0.2400 | 0.2300 / 0.2600 | 0.2400 / 0.2200 | 0.2400 / 0.2400 |",
		"| 2 | 0.1933 / 0.1899 | 0.2000 / 0.2100 | | | 0.2000 / 0.2100 |",
		"| 10 | 0.1794 / 0.1801 | | | | |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
}

func TestPlotReadme(t *testing.T) {
	dir := t.TempDir()
	readme := filepath.Join(dir, "README.md")
	if err := os.WriteFile(readme, []byte("before\n"+curvesBegin+"\nold\n"+curvesEnd+"\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := &PlotCmd{Readme: readme}
	if err := c.writeReadme([]losschart.Run{{Name: "mine", Train: []float64{.2}, Val: []float64{.2}}}, perPixel); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !strings.HasPrefix(text, "before\n"+curvesBegin) || !strings.HasSuffix(text, curvesEnd+"\nafter\n") || strings.Contains(text, "old") || !strings.Contains(text, "mine") {
		t.Errorf("README is now %q", text)
	}
	if err := c.writeReadme(nil, nats); err == nil {
		t.Error("runs in nats were laid beside the book's loss per pixel")
	}
}
