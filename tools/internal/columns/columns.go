// Package columns writes a table of posteriors as CSV or Parquet, for pandas, DuckDB
// and their like.
package columns

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// Table is one row an image.
type Table struct {
	Latent  int
	Set     []string  // which set the image is of: "train" or "test"
	Index   []int32   // its place in that set, from 0
	Label   []int32   // nil where a set has no labels
	Mean    []float32 // rows × Latent: the posterior's means
	LogVar  []float32 // rows × Latent: its log-variances
	Comment string    // kept in a Parquet file's metadata
}

func (t *Table) validate() error {
	n := len(t.Index)
	if t.Latent < 1 || len(t.Set) != n || t.Label != nil && len(t.Label) != n || len(t.Mean) != n*t.Latent || len(t.LogVar) != n*t.Latent {
		return errors.New("columns: the columns are of different lengths")
	}
	return nil
}

// names lists the columns: set, index, label, mean_0 …, log_var_0 ….
func (t *Table) names() []string {
	names := []string{"set", "index"}
	if t.Label != nil {
		names = append(names, "label")
	}
	for _, part := range []string{"mean", "log_var"} {
		for i := range t.Latent {
			names = append(names, fmt.Sprintf("%s_%d", part, i))
		}
	}
	return names
}

// CSV returns the table as CSV with a header line. Numbers have as many digits as give the same
// float32 again.
func (t *Table) CSV() ([]byte, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for i, name := range t.names() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name)
	}
	b.WriteByte('\n')
	var line []byte
	for row := range t.Index {
		line = append(line[:0], t.Set[row]...)
		line = append(line, ',')
		line = strconv.AppendInt(line, int64(t.Index[row]), 10)
		if t.Label != nil {
			line = append(line, ',')
			line = strconv.AppendInt(line, int64(t.Label[row]), 10)
		}
		for _, values := range [][]float32{t.Mean, t.LogVar} {
			for _, v := range values[row*t.Latent : (row+1)*t.Latent] {
				line = append(line, ',')
				line = strconv.AppendFloat(line, float64(v), 'g', -1, 32)
			}
		}
		b.Write(append(line, '\n'))
	}
	return b.Bytes(), nil
}
