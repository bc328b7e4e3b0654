package main

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"

	"vaelab/core"
	"vaelab/core/data"
)

// TestEncode holds a table against the model's own posteriors, for every choice of images.
func TestEncode(t *testing.T) {
	dir := t.TempDir()
	model, m := trained(t, dir, nil)
	digits := tinyData(t)
	for set, rows := range map[string]int{"test": 20, "train": 60, "all": 80} {
		out := filepath.Join(dir, set+".csv")
		mustRun(t, "encode", "--model", model, "--data", digits, "--set", set, "--out", out, "--threads", "2")
		records, err := csv.NewReader(bytes.NewReader(readTestFile(t, out))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != rows+1 || len(records[0]) != 3+2*3 {
			t.Fatalf("%s: %d lines of %d fields", set, len(records), len(records[0]))
		}
		last := records[rows] // the last image of the set that comes last
		lastSet, index := "test", 19
		images := &data.Set{Images: bars(20)[16:]}
		if set == "train" {
			lastSet, index, images = "train", 59, &data.Set{Images: bars(60)[16:]}
		}
		if last[0] != lastSet || last[1] != strconv.Itoa(index) || last[2] != "0" {
			t.Errorf("%s: last line %v", set, last)
		}
		wantPosterior(t, m, images, index, last[3:])
	}
	out := filepath.Join(dir, "test.parquet")
	mustRun(t, "encode", "--model", model, "--data", digits, "--out", out)
	b := readTestFile(t, out)
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil || f.NumRows() != 20 {
		t.Fatalf("parquet: %v, want 20 rows", err)
	}
}

func wantPosterior(t *testing.T, m *core.Model, set *data.Set, index int, fields []string) {
	t.Helper()
	l := m.Config().Latent
	mean, logVar := make([]float32, l), make([]float32, l)
	m.EncodeSet(mean, logVar, set, index, index+1)
	for i, want := range append(mean, logVar...) {
		if got, err := strconv.ParseFloat(fields[i], 32); err != nil || float32(got) != want {
			t.Errorf("field %d is %s, want %v", i, fields[i], want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	dir := t.TempDir()
	model, _ := trained(t, dir, nil)
	digits := tinyData(t)
	wantFailure(t, tools("encode", "--model", model, "--data", digits, "--out", filepath.Join(dir, "x.xlsx")), 2, "--out", ".csv or .parquet")
	wantFailure(t, tools("encode", "--model", model, "--data", digits, "--out", filepath.Join(dir, "x.csv"), "--set", "validation"), 2, "--set", "train")
	writeTestFile(t, filepath.Join(dir, "x.csv"), []byte("mine"))
	wantFailure(t, tools("encode", "--model", model, "--data", digits, "--out", filepath.Join(dir, "x.csv")), 1, "exists", "--force")
}
