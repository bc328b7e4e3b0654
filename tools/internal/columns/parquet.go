package columns

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"
)

// rowsPerWrite bounds what is prepared at a time.
const rowsPerWrite = 1000

// Parquet returns the table as a Parquet file of plain columns, compressed with Snappy, which
// every reader knows: set as text, index and label as INT32, the others as FLOAT.
func (t *Table) Parquet() ([]byte, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	schema := t.schema()
	var b bytes.Buffer
	w := parquet.NewWriter(&b, schema, parquet.Compression(&snappy.Codec{}), parquet.KeyValueMetadata("comment", t.Comment),
		parquet.CreatedBy("VAE Lab", "", ""))
	rows := make([]parquet.Row, 0, rowsPerWrite)
	flush := func() error {
		_, err := w.WriteRows(rows)
		rows = rows[:0]
		return err
	}
	for i := range t.Index {
		row := make(parquet.Row, 0, len(schema.Columns()))
		put := func(v parquet.Value) { row = append(row, v.Level(0, 0, len(row))) }
		put(parquet.ByteArrayValue([]byte(t.Set[i])))
		put(parquet.Int32Value(t.Index[i]))
		if t.Label != nil {
			put(parquet.Int32Value(t.Label[i]))
		}
		for _, values := range [][]float32{t.Mean, t.LogVar} {
			for _, v := range values[i*t.Latent : (i+1)*t.Latent] {
				put(parquet.FloatValue(v))
			}
		}
		if rows = append(rows, row); len(rows) == rowsPerWrite {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// schema describes the columns in their order, which a struct keeps and parquet.Group does not.
func (t *Table) schema() *parquet.Schema {
	var fields []reflect.StructField
	for i, name := range t.names() {
		kind, tag := reflect.TypeFor[float32](), name
		switch name {
		case "set":
			kind, tag = reflect.TypeFor[string](), name+",dict"
		case "index", "label":
			kind = reflect.TypeFor[int32]()
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("C%d", i), Type: kind, Tag: reflect.StructTag(fmt.Sprintf(`parquet:"%s"`, tag))})
	}
	return parquet.NewSchema("latents", parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}
