package tensorio

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"vaelab/core"
)

// small is an architecture without two equal sizes.
var small = core.Config{Latent: 3, Hidden: 5, Encoder: [4]int{2, 4, 6, 7}, Decoder: 8}

func newModel(t *testing.T, cfg core.Config) *core.Model {
	t.Helper()
	m, err := core.NewModel(cfg, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func arraysOf(t *testing.T, m *core.Model) []Array {
	t.Helper()
	arrays, err := FromModel(m)
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// wantSame compares two models' parameters, bit for bit.
func wantSame(t *testing.T, got, want *core.Model) {
	t.Helper()
	if got.Config() != want.Config() {
		t.Fatalf("config %+v, want %+v", got.Config(), want.Config())
	}
	for i, p := range want.Tensors() {
		if g := got.Tensors()[i]; g.Name != p.Name || !slices.Equal(g.Data, p.Data) {
			t.Errorf("%s differs", p.Name)
		}
	}
}

func TestFromModelShares(t *testing.T) {
	m := newModel(t, small)
	for i, a := range arraysOf(t, m) {
		p := m.Tensors()[i]
		if a.Name != p.Name || !slices.Equal(a.Shape(), p.Shape) {
			t.Errorf("%s %v, want %s %v", a.Name, a.Shape(), p.Name, p.Shape)
		}
		a.Float32s()[0] = 42
		if p.Data[0] != 42 {
			t.Errorf("%s is a copy", a.Name)
		}
	}
}

func TestNpzRoundTrip(t *testing.T) {
	for _, cfg := range []core.Config{small, core.DefaultConfig()} {
		m := newModel(t, cfg)
		var b, again bytes.Buffer
		for _, out := range []*bytes.Buffer{&b, &again} {
			if err := WriteNpz(out, arraysOf(t, m)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Error("the same model gave different bytes")
		}
		arrays, err := ReadNpz(b.Bytes(), "m.npz")
		if err != nil {
			t.Fatal(err)
		}
		got, err := ToModel(arrays)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, got, m)
	}
}

func TestFolderRoundTrip(t *testing.T) {
	m := newModel(t, small)
	names, contents, err := EncodeFolder(arraysOf(t, m))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a[b]*") // no pattern, but a name
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(names, "enc.conv1.kernel.npy") {
		t.Errorf("file names %v", names)
	}
	for i, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), contents[i], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "README"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	arrays, err := ReadFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ToModel(arrays)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, got, m)
}

func TestReadNumpysArchives(t *testing.T) {
	for _, name := range []string{"stored.npz", "compressed.npz"} {
		arrays, err := ReadNpz(fixture(t, name), name)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(arrays) != 2 || arrays[0].Name != "enc/conv1/kernel" || !slices.Equal(arrays[0].Float32s(), matrix) ||
			arrays[1].Name != "enc/conv1/bias" || !slices.Equal(arrays[1].Float32s(), matrix[3:]) {
			t.Errorf("%s: %v", name, arrays)
		}
	}
}

func TestReadNpzRefuses(t *testing.T) {
	good := fixture(t, "stored.npz")
	damaged := slices.Clone(good)
	damaged[bytes.Index(damaged, []byte("descr"))+40] ^= 1 // within a member: its checksum fails
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":   {nil, "not an .npz archive"},
		"truncated": {good[:len(good)/2], "not an .npz archive"},
		"damaged":   {damaged, "checksum"},
		"foreign":   {bytes.ReplaceAll(good, []byte("bias.npy"), []byte("bias.txt")), "bias.txt"},
		"empty":     {[]byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "no .npy files"},
	} {
		if _, err := ReadNpz(tt.b, "m.npz"); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "m.npz") {
			t.Errorf("%s: %v, want the file's name and %q", name, err, tt.want)
		}
	}
	if _, err := ReadFolder(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no .npy files") {
		t.Errorf("empty folder: %v", err)
	}
}

func TestToModelRefuses(t *testing.T) {
	change := func(name string, d *tensor.Dense) func([]Array) []Array {
		return func(all []Array) []Array {
			for i := range all {
				if all[i].Name == name {
					all[i].Dense = d
				}
			}
			return all
		}
	}
	without := func(name string) func([]Array) []Array {
		return func(all []Array) []Array {
			return slices.DeleteFunc(all, func(a Array) bool { return a.Name == name })
		}
	}
	ones := func(shape ...int) *tensor.Dense {
		return tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	}
	for name, tt := range map[string]struct {
		change func([]Array) []Array
		want   string
	}{
		"kernel missing":  {without("enc/conv3/kernel"), "enc/conv3/kernel"},
		"bias missing":    {without("enc/dense/bias"), "enc/dense/bias"},
		"unknown":         {func(all []Array) []Array { return append(all, Array{"enc/conv5/bias", ones(3)}) }, "enc/conv5/bias"},
		"twice":           {func(all []Array) []Array { return append(all, all[0]) }, "twice"},
		"PyTorch layout":  {change("enc/conv2/kernel", ones(4, 2, 3, 3)), "want (3, 3, 2, 4)"},
		"bias of two":     {change("enc/z_mean/bias", ones(3, 1)), "one dimension"},
		"latent too wide": {change("enc/z_mean/bias", ones(129)), "latent size is 129"},
		"dtype":           {change("enc/conv1/bias", tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64))), "float64"},
	} {
		_, err := ToModel(tt.change(arraysOf(t, newModel(t, small))))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error that mentions %q", name, err, tt.want)
		}
	}
}
