package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"vaelab/core"
)

// npyModel writes a small model file.
func npyModel(t *testing.T, dir string) (path string, b []byte) {
	t.Helper()
	m, err := core.NewModel(core.Config{Latent: 3, Hidden: 5, Encoder: [4]int{2, 4, 6, 7}, Decoder: 8}, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err = core.SaveModel(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "model.safetensors")
	writeTestFile(t, path, b)
	return path, b
}

// TestNpyThereAndBack exports to both forms and imports each.
func TestNpyThereAndBack(t *testing.T) {
	dir := t.TempDir()
	model, original := npyModel(t, dir)
	want, _, err := core.LoadModel(original)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"arrays.npz", "new/arrays"} {
		arrays, back := filepath.Join(dir, form), filepath.Join(dir, filepath.Base(form)+".safetensors")
		mustRun(t, "npy", "export", "--model", model, "--out", arrays)
		mustRun(t, "npy", "import", arrays, "--out", back)
		got, metadata, err := core.LoadModel(readTestFile(t, back))
		if err != nil {
			t.Fatal(err)
		}
		if got.Config() != want.Config() {
			t.Fatalf("%s: config %+v, want %+v", form, got.Config(), want.Config())
		}
		for i, p := range want.Tensors() {
			for j, v := range got.Tensors()[i].Data {
				if v != p.Data[j] {
					t.Fatalf("%s: %s[%d] is %v, want %v", form, p.Name, j, v, p.Data[j])
				}
			}
		}
		if metadata["source"] != "arrays of "+filepath.Base(form) {
			t.Errorf("%s: metadata %v", form, metadata)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "new", ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestNpyOverwritesOnlyByForce(t *testing.T) {
	dir := t.TempDir()
	model, original := npyModel(t, dir)
	archive, folder := filepath.Join(dir, "a.npz"), filepath.Join(dir, "a")
	writeTestFile(t, archive, []byte("mine"))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(folder, "note.txt")
	writeTestFile(t, note, []byte("mine"))
	for _, out := range []string{archive, folder} {
		wantFailure(t, tools("npy", "export", "--model", model, "--out", out), 1, "--out", out, "--force")
		mustRun(t, "npy", "export", "--model", model, "--out", out, "--force")
	}
	if string(readTestFile(t, note)) != "mine" {
		t.Error("the folder's own file is gone")
	}
	wantFailure(t, tools("npy", "import", archive, "--out", model), 1, "--out", model, "--force")
	if !bytes.Equal(readTestFile(t, model), original) {
		t.Error("the model was overwritten")
	}
	mustRun(t, "npy", "import", folder, "--out", model, "--force")
	mustRun(t, "npy", "import", folder, "--out", model) // the same bytes again are no loss
}

func TestNpyRefuses(t *testing.T) {
	dir := t.TempDir()
	model, _ := npyModel(t, dir)
	out := filepath.Join(dir, "out.safetensors")
	folder := filepath.Join(dir, "arrays")
	mustRun(t, "npy", "export", "--model", model, "--out", folder)
	broken := filepath.Join(folder, "enc.conv1.bias.npy")
	good := readTestFile(t, broken)

	wantFailure(t, tools("npy", "import", filepath.Join(dir, "none"), "--out", out), 1, "none", "no such file")
	wantFailure(t, tools("npy", "import", model, "--out", out), 1, model, "not an .npz archive")
	wantFailure(t, tools("npy", "import", folder, "--out", filepath.Join(dir, "out.h5")), 2, "--out", ".safetensors")
	wantFailure(t, tools("npy", "import", folder, "--out", filepath.Join(dir, "model.safetensors", "x.safetensors")), 1, "--out")
	wantFailure(t, tools("npy", "export", "--model", model, "--out", filepath.Join(model, "x.npz")), 1, "--out")
	wantFailure(t, tools("npy", "export", "--model", model, "--out", filepath.Join(model, "x")), 1, "--out")

	writeTestFile(t, broken, good[:len(good)-3])
	wantFailure(t, tools("npy", "import", folder, "--out", out), 1, broken, "truncated")
	nan := bytes.Clone(good)
	copy(nan[len(nan)-4:], "\x00\x00\xc0\x7f")
	writeTestFile(t, broken, nan)
	wantFailure(t, tools("npy", "import", folder, "--out", out), 1, folder, "enc/conv1/bias")
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, tools("npy", "import", folder, "--out", out), 1, folder, "enc/conv1/bias")
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused import wrote a file")
	}
}
