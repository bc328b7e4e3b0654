package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vaelab/core"
	"vaelab/core/weights"
)

// trained writes a small model's file that says how it was trained.
func trained(t *testing.T, dir string, metadata map[string]string) (path string, m *core.Model) {
	t.Helper()
	m, err := core.NewModel(core.Config{Latent: 3, Hidden: 6, Encoder: [4]int{4, 3, 5, 2}, Decoder: 7}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k, x := range m.Tensors() {
		if len(x.Shape) == 1 { // biases: a new model's are all zero
			for i := range x.Data {
				x.Data[i] = float32((i*7+k)%13-6) / 50
			}
		}
	}
	m.Changed()
	b, err := core.SaveModel(m, metadata)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "model.safetensors")
	writeTestFile(t, path, b)
	return path, m
}

var exportNames = map[string]string{
	"keras": "digits.weights.h5", "keras2": "digits.h5", "npz": "digits.npz", "torch": "digits.safetensors", "onnx": "digits.onnx", "safetensors": "plain.safetensors",
}

// wantModel fails unless the file holds m, bit for bit.
func wantModel(t *testing.T, path string, m *core.Model) map[string]string {
	t.Helper()
	got, metadata, err := core.LoadModel(readTestFile(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if got.Config() != m.Config() {
		t.Fatalf("%s: config %+v, want %+v", path, got.Config(), m.Config())
	}
	for i, want := range m.Tensors() {
		for j, v := range got.Tensors()[i].Data {
			if math.Float32bits(v) != math.Float32bits(want.Data[j]) {
				t.Fatalf("%s: %s[%d] is %v, want %v", path, want.Name, j, v, want.Data[j])
			}
		}
	}
	return metadata
}

// TestExportImport takes a model through every format and back.
func TestExportImport(t *testing.T) {
	dir := t.TempDir()
	model, m := trained(t, dir, map[string]string{"objective": "seed", "epochs": "3"})
	for format, name := range exportNames {
		out, back := filepath.Join(dir, format, name), filepath.Join(dir, format, "back.safetensors")
		o := mustRun(t, "export", "--format", format, "--model", model, "--out", out)
		if !strings.Contains(o.out, "wrote "+out) {
			t.Errorf("%s: said %q", format, o.out)
		}
		o = mustRun(t, "import", out, "--out", back)
		if o.err != "" {
			t.Errorf("%s: remarks %q", format, o.err)
		}
		metadata := wantModel(t, back, m)
		if !strings.HasSuffix(metadata["source"], " of "+name) {
			t.Errorf("%s: source %q", format, metadata["source"])
		}
		if carries := format == "torch" || format == "onnx" || format == "safetensors"; carries && (metadata["objective"] != "seed" || metadata["epochs"] != "3") {
			t.Errorf("%s: metadata %v", format, metadata)
		}
		// The same again changes nothing; another model is not written over it.
		mustRun(t, "export", "--format", format, "--model", model, "--out", out)
		writeTestFile(t, out, []byte("mine"))
		wantFailure(t, tools("export", "--format", format, "--model", model, "--out", out), 1, "--out", "exists", "--force")
		mustRun(t, "export", "--format", format, "--model", model, "--out", out, "--force")
	}
	both := filepath.Join(dir, "both.safetensors")
	mustRun(t, "import", filepath.Join(dir, "onnx", "digits.decoder.onnx"), filepath.Join(dir, "onnx", "digits.encoder.onnx"), "--out", both)
	wantModel(t, both, m)
	left, err := filepath.Glob(filepath.Join(dir, "*", ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestExportRefuses(t *testing.T) {
	dir := t.TempDir()
	model, _ := trained(t, dir, nil)
	out := func(name string) string { return filepath.Join(dir, name) }
	wantFailure(t, tools("export", "--format", "keras", "--model", model, "--out", out("x.h5")), 2, "--out", ".weights.h5")
	wantFailure(t, tools("export", "--format", "onnx", "--model", model, "--out", out("x.onnx")), 1, "does not say", "--objective seed or elbo")
	wantFailure(t, tools("export", "--format", "onnx", "--model", model, "--out", out("x.onnx"), "--objective", "vae"), 2, "--objective", "elbo")
	wantFailure(t, tools("export", "--format", "tflite", "--model", model, "--out", out("x")), 2, "--format", "keras")
	// A module of the user's own is not replaced, an older one of ours is; nothing is written before all is well.
	writeTestFile(t, out("vae_torch.py"), []byte("import torch\n"))
	wantFailure(t, tools("export", "--format", "torch", "--model", model, "--out", out("x.safetensors"), "--objective", "elbo"), 1, "vae_torch.py exists")
	if _, err := os.Stat(out("x.safetensors")); err == nil {
		t.Error("the weights were written though the module could not be")
	}
	writeTestFile(t, out("vae_torch.py"), []byte("# Written by VAE Lab's \"tools export --format torch\"; the sizes come from the weights, so this file serves every model.\nold\n"))
	mustRun(t, "export", "--format", "torch", "--model", model, "--out", out("x.safetensors"), "--objective", "elbo")
	if b := readTestFile(t, out("vae_torch.py")); !strings.Contains(string(b), "class VAE") {
		t.Error("an older module was kept")
	}
}

// TestExportsInPython holds the exports against what other programs make of them.
func TestExportsInPython(t *testing.T) {
	pythons := os.Getenv("VAELAB_PYTHON")
	if pythons == "" {
		t.Skip("VAELAB_PYTHON names no Python: see testdata/check_exports.py")
	}
	dir := t.TempDir()
	_, m := trained(t, dir, nil)
	reference(t, dir, m)
	digits := tinyData(t)
	for _, objective := range []string{"seed", "elbo"} {
		model := filepath.Join(dir, "model.safetensors")
		folder := filepath.Join(dir, objective)
		for format, name := range exportNames {
			mustRun(t, "export", "--format", format, "--model", model, "--objective", objective, "--out", filepath.Join(folder, name))
		}
		for _, table := range []string{"latents.csv", "latents.parquet"} {
			mustRun(t, "encode", "--model", model, "--data", digits, "--out", filepath.Join(folder, table))
		}
	}
	for _, python := range filepath.SplitList(pythons) {
		o, err := exec.Command(python, filepath.Join("testdata", "check_exports.py"), dir).CombinedOutput()
		t.Logf("%s", o)
		if err != nil {
			t.Fatalf("%s: %v", python, err)
		}
	}
	resaved, err := filepath.Glob(filepath.Join(dir, "*", "resaved.digits.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range resaved { // what onnx.save and Keras' save_weights wrote
		back := path + modelSuffix
		mustRun(t, "import", path, "--out", back)
		wantModel(t, back, m)
	}
}

// TestExportsInOnnxruntimeWeb runs the ONNX files by the engine that pages use.
func TestExportsInOnnxruntimeWeb(t *testing.T) {
	packages := os.Getenv("VAELAB_ORT_WEB")
	if packages == "" {
		t.Skip("VAELAB_ORT_WEB names no folder with onnxruntime-web: see testdata/check_onnxruntime_web.mjs")
	}
	dir := t.TempDir()
	model, m := trained(t, dir, nil)
	reference(t, dir, m)
	for _, objective := range []string{"seed", "elbo"} {
		mustRun(t, "export", "--format", "onnx", "--model", model, "--objective", objective, "--out", filepath.Join(dir, objective, "digits.onnx"))
	}
	o, err := exec.Command("node", filepath.Join("testdata", "check_onnxruntime_web.mjs"), packages, dir).CombinedOutput()
	t.Logf("%s", o)
	if err != nil {
		t.Fatal(err)
	}
}

// reference writes what core computes for the first images of tinyData's test set.
func reference(t *testing.T, dir string, m *core.Model) {
	t.Helper()
	const n = 7
	latent := m.Config().Latent
	images := bars(n)[16:] // behind the header
	x, eps := make([]float32, n*core.ImagePixels), make([]float32, n*latent)
	for i, v := range images {
		x[i] = float32(v) / 255
	}
	m.SamplePrior(eps, 5, 1)
	mean, logVar := make([]float32, n*latent), make([]float32, n*latent)
	m.Encode(mean, logVar, x)
	f := weights.File{Tensors: []weights.Tensor{
		{Name: "x", Shape: []int{n, core.ImagePixels}, Data: x}, {Name: "eps", Shape: []int{n, latent}, Data: eps},
		{Name: "mean", Shape: []int{n, latent}, Data: mean}, {Name: "log_var", Shape: []int{n, latent}, Data: logVar},
	}}
	for objective, scale := range map[string]float64{"seed": 1, "elbo": .5} {
		z, out := slices.Clone(mean), make([]float32, n*core.ImagePixels)
		for i := range z {
			z[i] += float32(math.Exp(scale*float64(logVar[i]))) * eps[i]
		}
		m.Decode(out, z)
		f.Tensors = append(f.Tensors, weights.Tensor{Name: "z_" + objective, Shape: []int{n, latent}, Data: z},
			weights.Tensor{Name: "images_" + objective, Shape: []int{n, core.ImagePixels}, Data: out})
	}
	b, err := weights.Encode(&f)
	if err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(dir, "reference.safetensors"), b)
}
