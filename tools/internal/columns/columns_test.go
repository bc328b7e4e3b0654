package columns

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// sample has n rows and eleven latent dimensions: mean_10 must not come before mean_2.
func sample(n int, labels bool) *Table {
	t := &Table{Latent: 11, Comment: "made by a test"}
	for i := range n {
		t.Set = append(t.Set, []string{"train", "test"}[i%2])
		t.Index = append(t.Index, int32(i))
		if labels {
			t.Label = append(t.Label, int32(i%10))
		}
		for j := range t.Latent {
			t.Mean = append(t.Mean, float32(i+j)/3)
			t.LogVar = append(t.LogVar, -float32(i*j)/7)
		}
	}
	return t
}

func TestCSV(t *testing.T) {
	for _, labels := range []bool{true, false} {
		want := sample(25, labels)
		b, err := want.CSV()
		if err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != 26 || !slices.Equal(records[0], want.names()) {
			t.Fatalf("%d lines, header %v", len(records), records[0])
		}
		first := 2
		if labels {
			first = 3
		}
		for i, r := range records[1:] {
			if r[0] != want.Set[i] || r[1] != strconv.Itoa(i) || labels && r[2] != strconv.Itoa(i%10) {
				t.Fatalf("row %d: %v", i, r)
			}
			for j := range 11 {
				mean, _ := strconv.ParseFloat(r[first+j], 32)
				logVar, _ := strconv.ParseFloat(r[first+11+j], 32)
				if float32(mean) != want.Mean[i*11+j] || float32(logVar) != want.LogVar[i*11+j] {
					t.Fatalf("row %d, dimension %d: %v %v", i, j, mean, logVar)
				}
			}
		}
	}
}

func TestParquet(t *testing.T) {
	for _, labels := range []bool{true, false} {
		want := sample(2500, labels) // three batches of rows
		b, err := want.Parquet()
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if comment, _ := f.Lookup("comment"); comment != want.Comment {
			t.Errorf("comment %q", comment)
		}
		var names []string
		for _, path := range f.Schema().Columns() {
			names = append(names, path[0])
		}
		if !slices.Equal(names, want.names()) {
			t.Fatalf("columns %v, want %v", names, want.names())
		}
		r := parquet.NewReader(bytes.NewReader(b))
		rows := make([]parquet.Row, 2501)
		n := 0
		for n < len(rows) {
			k, err := r.ReadRows(rows[n:])
			n += k
			if err != nil {
				break
			}
		}
		if n != 2500 {
			t.Fatalf("%d rows, want 2500", n)
		}
		for i, row := range rows[:n] {
			values := row[2:]
			if string(row[0].ByteArray()) != want.Set[i] || row[1].Int32() != int32(i) {
				t.Fatalf("row %d: %v", i, row)
			}
			if labels {
				if row[2].Int32() != want.Label[i] {
					t.Fatalf("row %d: label %v", i, row[2])
				}
				values = row[3:]
			}
			for j := range 11 {
				if values[j].Float() != want.Mean[i*11+j] || values[11+j].Float() != want.LogVar[i*11+j] {
					t.Fatalf("row %d, dimension %d: %v %v", i, j, values[j], values[11+j])
				}
			}
		}
	}
}

func TestUnequalColumns(t *testing.T) {
	bad := sample(5, true)
	bad.Label = bad.Label[:4]
	if _, err := bad.CSV(); err == nil {
		t.Error("CSV took columns of different lengths")
	}
	if _, err := bad.Parquet(); err == nil {
		t.Error("Parquet took columns of different lengths")
	}
}
