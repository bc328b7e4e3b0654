package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vaelab/core"
	"vaelab/core/weights"
)

// zipOf makes an archive of name, content pairs.
func zipOf(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestImportRefuses: one line that names the file and what was expected, and no file
// left behind.
func TestImportRefuses(t *testing.T) {
	dir := t.TempDir()
	half := `{"enc/conv1/kernel":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}} `
	safetensors := func(header, data string) []byte {
		for len(header)%8 != 0 {
			header += " "
		}
		return append(append([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}, header...), data...)
	}
	other, err := weights.Encode(&weights.File{Tensors: []weights.Tensor{{Name: "transformer/wte", Shape: []int{1}, Data: []float32{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	llm, err := weights.Encode(&weights.File{Tensors: []weights.Tensor{{Name: "model.layers.0.self_attn.q_proj.weight", Shape: []int{1, 1}, Data: []float32{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	npy := "\x93NUMPY\x01\x00\x46\x00{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }" + strings.Repeat(" ", 12) + "\n\x00\x00\x00\x00"
	for _, c := range []struct {
		name    string
		content []byte
		words   []string
	}{
		{"empty.h5", nil, []string{"empty"}},
		{"notes.txt", []byte("just some text, and more of it"), []string{"format is unknown", "Keras", "ONNX"}},
		{"weights.npy", []byte(npy), []string{".npy", "single array", ".npz"}},
		{"model.h5.gz", []byte("\x1f\x8b\x08\x00rest"), []string{"gzip", "unpack"}},
		{"old.pt", []byte("\x80\x02\x8a\nl\xfc"), []string{"pickle", "save_file"}},
		{"new.pt", zipOf(t, "archive/data.pkl", "x", "archive/data/0", "y"), []string{"pickle", "save_file"}},
		{"book.docx", zipOf(t, "word/document.xml", "x"), []string{"zip archive of something else", "model.weights.h5"}},
		{"cut.keras", zipOf(t, "model.weights.h5", strings.Repeat("x", 500))[:100], []string{"damaged or cut off"}},
		{"bomb.npz", zipOf(t, "a.npy", strings.Repeat("\x00", 20<<20)), []string{"a.npy", "would unpack", "refused"}},
		{"bomb.keras", zipOf(t, "model.weights.h5", strings.Repeat("\x00", 20<<20)), []string{"model.weights.h5", "would unpack", "refused"}},
		{"big.npz", zipOf(t, "enc/conv1/kernel.npy", npy), []string{"enc/conv1/kernel", ">f4"}},
		{"few.npz", zipOf(t, "a.npy", strings.Replace(npy, ">f4", "<f4", 1)), []string{"few.npz"}},
		{"half.safetensors", safetensors(half, "\x00\x00"), []string{"enc/conv1/kernel", "F16"}},
		{"gpt.safetensors", other, []string{"not a VAE Lab model"}},
		{"llm.safetensors", llm, []string{"model.layers.0.self_attn.q_proj.weight", "vae_torch.py"}},
		{"foreign.h5", []byte("\x89HDF\r\n\x1a\n" + strings.Repeat("\x00", 100)), []string{"HDF"}},
		{"other.onnx", []byte("\x08\x07\x3a\x0a\x12\x01g\x5a\x05\x0a\x03abc\x42\x02\x10\x0d"), []string{"other.onnx", `"abc"`, "want x and eps"}},
		{"old.onnx", []byte("\x08\x07\x3a\x0a\x12\x01g\x5a\x05\x0a\x03abc\x42\x02\x10\x09"), []string{"old.onnx", "version 9", "opset 13"}},
	} {
		path, out := filepath.Join(dir, c.name), filepath.Join(dir, "out.safetensors")
		writeTestFile(t, path, c.content)
		wantFailure(t, tools("import", path, "--out", out), 1, append(c.words, c.name)...)
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%s: a model was written", c.name)
		}
	}
	wantFailure(t, tools("import", filepath.Join(dir, "none.h5"), "--out", filepath.Join(dir, "out.safetensors")), 1, "none.h5", "no such file")
	wantFailure(t, tools("import", filepath.Join(dir, "gpt.safetensors"), "--out", filepath.Join(dir, "out.bin")), 2, "--out", ".safetensors")
	wantFailure(t, tools("import", filepath.Join(dir, "gpt.safetensors"), filepath.Join(dir, "other.onnx"), "--out", filepath.Join(dir, "out.safetensors")), 1, "gpt.safetensors", "not an ONNX file")
}

// TestImportKerasWithNote reads a file whose heads have no names, and says what it assumed.
func TestImportKerasWithNote(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.safetensors")
	o := mustRun(t, "import", filepath.Join("internal", "keras", "testdata", "keras2.weights.h5"), "--out", out)
	if !strings.HasPrefix(o.err, "note: ") || !strings.Contains(o.err, "z_mean") {
		t.Errorf("said %q", o.err)
	}
	o = mustRun(t, "import", filepath.Join("internal", "keras", "testdata", "flat.keras"), "--out", out, "--force")
	if o.err != "" || !strings.Contains(o.out, "3 latent dimensions, from a .keras archive") {
		t.Errorf("said %q %q", o.out, o.err)
	}
}

func FuzzRecognise(f *testing.F) {
	m, err := core.NewModel(core.Config{Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1}, 1)
	if err != nil {
		f.Fatal(err)
	}
	npz, err := npzOf(m)
	if err != nil {
		f.Fatal(err)
	}
	own, err := core.SaveModel(m, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(npz)
	f.Add(own)
	f.Add(zipOf(f, "model.weights.h5", "x", "config.json", "{}"))
	f.Add([]byte("\x93NUMPY"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := recognise([]string{"file"}, [][]byte{b})
		if err != nil && !strings.HasPrefix(err.Error(), "file") {
			t.Errorf("%q does not name the file", err)
		}
		if err == nil && in.model.Config().Validate() != nil {
			t.Error("an invalid model was made")
		}
	})
}
