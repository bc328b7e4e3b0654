package keras

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vaelab/core"
)

// fixtureConfig is the architecture of the fixtures; no two of its sizes are equal.
var fixtureConfig = core.Config{Latent: 3, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7}

// fixtureModel has the weights of testdata/weights.py.
func fixtureModel(t testing.TB) *core.Model {
	t.Helper()
	m, err := core.NewModel(fixtureConfig, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, tensor := range m.Tensors() {
		for i := range tensor.Data {
			tensor.Data[i] = float32((1009*k+31*i)%2003-1001) / 2048
		}
	}
	m.Changed()
	return m
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bad returns the files in bad.zip.
func bad(t testing.TB) map[string][]byte {
	t.Helper()
	b := fixture(t, "bad.zip")
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// wantBits fails unless got has want's weights, bit for bit.
func wantBits(t *testing.T, got, want *core.Model) {
	t.Helper()
	if got.Config() != want.Config() {
		t.Fatalf("architecture %+v, want %+v", got.Config(), want.Config())
	}
	w := want.Tensors()
	for i, g := range got.Tensors() {
		for j := range g.Data {
			if math.Float32bits(g.Data[j]) != math.Float32bits(w[i].Data[j]) {
				t.Fatalf("%s[%d] is %v, want %v", g.Name, j, g.Data[j], w[i].Data[j])
			}
		}
	}
}

// TestReadWhatKerasWrote reads files that Keras 3.15.1 and Keras 2.3.1 have written.
func TestReadWhatKerasWrote(t *testing.T) {
	want := fixtureModel(t)
	for name, wantNotes := range map[string]int{
		"book.weights.h5": 0, "parts.weights.h5": 0, "legacy.h5": 0,
		"keras2.weights.h5": 1, "keras2.h5": 1, // dense_2 and dense_3 do not say which head they are
	} {
		m, notes, err := Read(fixture(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(notes) != wantNotes {
			t.Errorf("%s: notes %q, want %d", name, notes, wantNotes)
		}
		wantBits(t, m, want)
	}
	m, notes, err := ReadArchive(fixture(t, "flat.keras"))
	if err != nil || len(notes) != 0 {
		t.Fatalf("flat.keras: %v, notes %q", err, notes)
	}
	wantBits(t, m, want)
}

func TestOddButGood(t *testing.T) {
	files := bad(t)
	for name, wantNotes := range map[string]int{"swapped.h5": 0, "unnamed.h5": 1, "compact.h5": 1} {
		m, notes, err := Read(files[name])
		if err != nil || len(notes) != wantNotes {
			t.Errorf("%s: %v, notes %q", name, err, notes)
			continue
		}
		wantBits(t, m, fixtureModel(t))
	}
}

func TestRefusals(t *testing.T) {
	files := bad(t)
	for name, wants := range map[string][]string{
		"half.h5":       {`"layers/conv2d_2/vars/0"`, "float16", "half precision", "want little-endian float32"},
		"double.h5":     {`"layers/conv2d_2/vars/0"`, "float64", "want little-endian float32"},
		"bigendian.h5":  {`"layers/conv2d_2/vars/0"`, "big-endian float32"},
		"gzip.h5":       {`"layers/conv2d_2/vars/0"`, "compressed (gzip)"},
		"chunked.h5":    {`"layers/conv2d_2/vars/0"`, "in chunks", "contiguous"},
		"latest.h5":     {`"layers"`, "libver"},
		"userblock.h5":  {"user block of 512 bytes"},
		"missing.h5":    {`"layers/dense_2"`, "1 variables, want 2"},
		"transposed.h5": {`"layers/conv2d_2/vars/0"`, "[5 3 3 3]", "[3 3 3 out]", "transposed"},
		"nan.h5":        {`"layers/conv2d_2/vars/0"`, "NaN"},
		"normalised.h5": {`"layers/batch_normalization"`, "want Conv2D, Dense and Conv2DTranspose only"},
		"deeper.h5":     {"6 Conv2D, 4 Dense and 1 Conv2DTranspose", "want 5, 4 and 1"},
		"encoder.h5":    {"4 Conv2D, 3 Dense and 0 Conv2DTranspose", "the encoder alone"},
		"foreign.h5":    {`"measurements/layers_conv2d_1_vars_0"`, "outside a layer"},
	} {
		_, _, err := Read(files[name])
		if err == nil {
			t.Errorf("%s was taken", name)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", name, err, want)
			}
		}
	}
	_, _, err := ReadArchive(files["stride.keras"])
	if err == nil || !strings.Contains(err.Error(), `"conv2d"`) || !strings.Contains(err.Error(), "strides [2 2], want [1 1]") {
		t.Errorf("stride.keras: %v", err)
	}
}

// TestTheano refuses kernels that are mirrored.
func TestTheano(t *testing.T) {
	b := fixture(t, "keras2.weights.h5")
	theano := bytes.Replace(b, []byte("tensorflow"), append([]byte("theano"), 0, 0, 0, 0), 1)
	if _, _, err := Read(theano); err == nil || !strings.Contains(err.Error(), "Theano") {
		t.Errorf("%v, want a word of Theano", err)
	}
}

func TestArchiveRefusals(t *testing.T) {
	archive := func(name string, content []byte) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"bomb":    {archive(weightsMember, make([]byte, 8<<20)), "would unpack from"},
		"other":   {archive("word/document.xml", []byte("x")), "model.weights.h5 is missing"},
		"foreign": {archive(weightsMember, []byte("not HDF5, but long enough")), "model.weights.h5: this is not an HDF5 file"},
		"no zip":  {[]byte("PK\x03\x04"), "not a .keras archive"},
		"cut off": {fixture(t, "flat.keras")[:20_000], "not a .keras archive"},
	} {
		if _, _, err := ReadArchive(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, cfg := range []core.Config{fixtureConfig, {Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1}, {Latent: 16, Hidden: 6, Encoder: [4]int{6, 6, 6, 6}, Decoder: 6}} {
		want, err := core.NewModel(cfg, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, write := range []func(*core.Model) ([]byte, error){Write, WriteKeras2} {
			b, err := write(want)
			if err != nil {
				t.Fatal(err)
			}
			m, notes, err := Read(b)
			if err != nil || len(notes) != 0 {
				t.Fatalf("%+v: %v, notes %q", cfg, err, notes)
			}
			wantBits(t, m, want)
			again, err := write(m)
			if err != nil || !bytes.Equal(again, b) {
				t.Errorf("%+v: the same model makes another file (%v)", cfg, err)
			}
		}
	}
}

// TestCutOff cuts a good file anywhere: an error each time, or the same model where only
// what stands behind the weights is gone; never another.
func TestCutOff(t *testing.T) {
	b := fixture(t, "book.weights.h5")
	for n := 0; n < len(b); n += 97 {
		if _, _, err := Read(b[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were taken", n, len(b))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"book.weights.h5", "keras2.weights.h5"} {
		f.Add(fixture(f, name))
	}
	files := bad(f)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f.Add(files[name])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, _, err := Read(b); err == nil {
			if err := m.Config().Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzReadArchive(f *testing.F) {
	f.Add(fixture(f, "flat.keras"))
	f.Fuzz(func(_ *testing.T, b []byte) { ReadArchive(b) })
}
