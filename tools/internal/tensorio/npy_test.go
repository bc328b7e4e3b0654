package tensorio

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// fixture reads a file that NumPy wrote (testdata/make.py).
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	matrix = []float32{-.5, -.25, 0, .25, .5, .75} // 2×3, in every fixture
	twoBy3 = tensor.Shape{2, 3}
)

func dense(t *testing.T, shape []int, values []float32) *tensor.Dense {
	t.Helper()
	d, err := newDense(shape, values)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestReadNpy(t *testing.T) {
	for name, want := range map[string]tensor.Shape{
		"matrix.npy": {2, 3}, "version2.npy": {2, 3}, "vector.npy": {3},
	} {
		got, err := ReadNpy(fixture(t, name), name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !got.Shape().Eq(want) || !slices.Equal(got.Float32s(), matrix[:want.TotalSize()]) {
			t.Errorf("%s: %v %v, want %v %v", name, got.Shape(), got.Float32s(), want, matrix)
		}
	}
}

// TestWriteNpy holds what is written to NumPy's own bytes.
func TestWriteNpy(t *testing.T) {
	for name, d := range map[string]*tensor.Dense{
		"matrix.npy": dense(t, []int{2, 3}, matrix),
		"vector.npy": dense(t, []int{3}, matrix[:3]),
	} {
		var b bytes.Buffer
		if err := WriteNpy(&b, d); err != nil {
			t.Fatal(err)
		}
		if want := fixture(t, name); !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s: got\n%q, want\n%q", name, b.Bytes(), want)
		}
	}
}

func TestWriteNpyOfViews(t *testing.T) {
	d := dense(t, []int{2, 3}, slices.Clone(matrix))
	if err := d.T(); err != nil { // a view: the data stays where it is
		t.Fatal(err)
	}
	slice, err := dense(t, []int{2, 3}, slices.Clone(matrix)).Slice(nil, tensor.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		view *tensor.Dense
		want []float32
	}{
		{"transposed", d, []float32{-.5, .25, -.25, .5, 0, .75}},
		{"sliced", slice.(*tensor.Dense), []float32{-.25, 0, .5, .75}},
	} {
		var b bytes.Buffer
		if err := WriteNpy(&b, tt.view); err != nil {
			t.Fatal(err)
		}
		got, err := ReadNpy(b.Bytes(), tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Shape().Eq(tt.view.Shape()) || !slices.Equal(got.Float32s(), tt.want) {
			t.Errorf("%s: %v %v, want %v %v", tt.name, got.Shape(), got.Float32s(), tt.view.Shape(), tt.want)
		}
	}
}

// TestTensorsOwnFormat: tensor reads what we write, and we read what it writes,
// though its headers lack the newline.
func TestTensorsOwnFormat(t *testing.T) {
	d := dense(t, []int{2, 3}, matrix)
	var ours, theirs bytes.Buffer
	if err := WriteNpy(&ours, d); err != nil {
		t.Fatal(err)
	}
	var got tensor.Dense
	if err := got.ReadNpy(&ours); err != nil {
		t.Fatal(err)
	}
	if !got.Shape().Eq(twoBy3) || !slices.Equal(got.Float32s(), matrix) {
		t.Errorf("tensor read %v %v", got.Shape(), got.Float32s())
	}
	if err := d.WriteNpy(&theirs); err != nil {
		t.Fatal(err)
	}
	back, err := ReadNpy(theirs.Bytes(), "theirs")
	if err != nil {
		t.Fatal(err)
	}
	if !back.Shape().Eq(twoBy3) || !slices.Equal(back.Float32s(), matrix) {
		t.Errorf("we read %v %v", back.Shape(), back.Float32s())
	}
}

func TestReadNpyRefuses(t *testing.T) {
	good := fixture(t, "matrix.npy")
	edit := func(old, new string) []byte {
		b := bytes.Replace(good, []byte(old), []byte(new), 1)
		if bytes.Equal(b, good) {
			t.Fatalf("%q is not in the fixture", old)
		}
		return b
	}
	tests := map[string]struct {
		b    []byte
		want string
	}{
		"fortran":        {fixture(t, "fortran.npy"), "Fortran order"},
		"float64":        {fixture(t, "float64.npy"), "dtype <f8"},
		"big-endian":     {fixture(t, "big-endian.npy"), "dtype >f4"},
		"int32":          {fixture(t, "int32.npy"), "dtype <i4"},
		"scalar":         {fixture(t, "scalar.npy"), "single number"},
		"empty":          {fixture(t, "empty.npy"), "shape (0, 3)"},
		"record":         {fixture(t, "record.npy"), "record"},
		"pickle":         {fixture(t, "pickle.npy"), "dtype |O"},
		"nothing":        {nil, "not an .npy file"},
		"another format": {[]byte("PK\x03\x04 and more"), "not an .npy file"},
		"data truncated": {good[:len(good)-1], "truncated"},
		"data missing":   {good[:128], "truncated"},
		"header cut":     {good[:60], "truncated"},
		"version cut":    {good[:7], "truncated"},
		"length cut":     {good[:9], "truncated"},
		"data too long":  {append(slices.Clone(good), 0), "follow the data"},
		"version 9":      {append([]byte(magic+"\x09\x00"), good[8:]...), "version 9"},
		"huge header":    {[]byte(magic + "\x02\x00\xff\xff\xff\xff{}"), "damaged"},
		"huge shape":     {edit("(2, 3)", "(2, 9999999999)"), "elements in all"},
		"overflow":       {edit("(2, 3)", "(4294967296, 4294967296)"), "elements in all"},
		"negative":       {edit("(2, 3)", "(-2, -3)"), "elements in all"},
		"nine dims":      {edit("(2, 3)", "(1,1,1,1,1,1,1,2,3)"), "1 to 8 dimensions"},
		"not a number":   {edit("(2, 3)", "(2, x)"), "(2, x)"},
		"no shape":       {edit("shape", "shame"), "damaged"},
		"no dictionary":  {edit("{", "("), "damaged"},
	}
	for name, tt := range tests {
		_, err := ReadNpy(tt.b, "dir/a.npy")
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "dir/a.npy: ") {
			t.Errorf("%s: %v, want the file's name and %q", name, err, tt.want)
		}
	}
}

func TestWriteNpyRefusesOtherTypes(t *testing.T) {
	d := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}))
	if err := WriteNpy(&bytes.Buffer{}, d); err == nil || !strings.Contains(err.Error(), "float64") {
		t.Errorf("got %v, want an error that names the dtype", err)
	}
}

func FuzzReadNpy(f *testing.F) {
	files, err := filepath.Glob("testdata/*.npy")
	if err != nil || len(files) == 0 {
		f.Fatal("no fixtures", err)
	}
	for _, name := range files {
		f.Add(fixture(f, filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ReadNpy(b, "fuzz")
		if err != nil {
			return
		}
		// What is accepted goes out and comes back.
		var out bytes.Buffer
		if err := WriteNpy(&out, d); err != nil {
			t.Fatal(err)
		}
		back, err := ReadNpy(out.Bytes(), "back")
		if err != nil {
			t.Fatal(err)
		}
		if !back.Shape().Eq(d.Shape()) {
			t.Fatalf("shape %v came back as %v", d.Shape(), back.Shape())
		}
	})
}
