package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vaelab/core"
	"vaelab/core/data"
	"vaelab/tools/internal/losschart"
	"vaelab/tools/internal/mosaic"
)

// loadTest reads a model that a test wrote.
func loadTestModel(t *testing.T, path string) *core.Model {
	t.Helper()
	m, _, err := core.LoadModel(readTestFile(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wantPicture compares a PNG file with the grid of images that it should show.
func wantPicture(t *testing.T, path string, images []float32, columns, scale, gap int) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(readTestFile(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	want := mosaic.Gray(images, columns, scale, gap)
	got, ok := picture.(*image.Gray)
	if !ok || got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("%s (%v) is not the expected picture (%v)", path, picture.Bounds(), want.Rect)
	}
}

func TestSample(t *testing.T) {
	model, _ := tinyModel(t, "--latent", "3")
	out := filepath.Join(t.TempDir(), "s.png")
	o := mustRun(t, "sample", "--model", model, "--out", out, "--n", "7", "--seed", "5", "--temperature", "0.5", "--scale", "3", "--json")
	m := loadTestModel(t, model)
	z, images := make([]float32, 7*3), make([]float32, 7*784)
	m.SamplePrior(z, 5, 0.5)
	m.Decode(images, z)
	wantPicture(t, out, images, 3, 3, 1)
	var said struct{ Z [][]float32 }
	if err := json.Unmarshal([]byte(o.out), &said); err != nil || len(said.Z) != 7 || said.Z[6][2] != z[20] {
		t.Errorf("%v: %s", err, o.out)
	}
	before := readTestFile(t, out)
	mustRun(t, "sample", "--model", model, "--out", out, "--n", "7", "--seed", "6", "--temperature", "0.5", "--scale", "3")
	if bytes.Equal(before, readTestFile(t, out)) {
		t.Error("another seed draws the same picture")
	}
	wantFailure(t, tools("sample", "--model", model, "--out", out, "--n", "10000", "--scale", "32"), exitUsage, "--scale", "32,768")
	wantFailure(t, tools("sample", "--model", model, "--out", filepath.Dir(out)), 1, "is a folder")
}

func TestManifold(t *testing.T) {
	model, _ := tinyModel(t)
	out := filepath.Join(t.TempDir(), "m.png")
	o := mustRun(t, "manifold", "--model", model, "--out", out, "--scale", "1", "--json")
	var said struct{ Z [][]float32 }
	if err := json.Unmarshal([]byte(o.out), &said); err != nil || len(said.Z) != 15*15 {
		t.Fatalf("%v: %d points", err, len(said.Z))
	}
	// The normal's quantile at .05 and .95 is ∓1.6448536; x grows to the right,
	// y downwards.
	for i, want := range map[int][2]float64{0: {-1.6448536, -1.6448536}, 14: {1.6448536, -1.6448536}, 112: {0, 0}, 224: {1.6448536, 1.6448536}} {
		if z := said.Z[i]; math.Abs(float64(z[0])-want[0]) > 1e-6 || math.Abs(float64(z[1])-want[1]) > 1e-6 {
			t.Errorf("point %d is %v, want %v", i, z, want)
		}
	}
	var z []float32
	for _, p := range said.Z {
		z = append(z, p...)
	}
	images := make([]float32, 15*15*784)
	loadTestModel(t, model).Decode(images, z)
	wantPicture(t, out, images, 15, 1, 0)

	line, _ := tinyModel(t, "--latent", "1")
	wantFailure(t, tools("manifold", "--model", line, "--out", out), 1, "one latent dimension")
	for axes, want := range map[string]string{"0,2": "0 to 1", "1,1": "two different", "1": "two different"} {
		wantFailure(t, tools("manifold", "--model", model, "--out", out, "--axes", axes), exitUsage, "--axes", want)
	}
}

func TestReconstruct(t *testing.T) {
	model, dataDir := tinyModel(t)
	out := filepath.Join(t.TempDir(), "r.png")
	mustRun(t, "reconstruct", "--model", model, "--data", dataDir, "--out", out, "--n", "5", "--first", "2")
	test, _, err := dataFlags{dataDir}.loadTest(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	images := make([]float32, 10*784)
	data.Scale(images[:5*784], test.Images[2*784:7*784])
	mean := make([]float32, 10)
	m := loadTestModel(t, model)
	m.Encode(mean, make([]float32, 10), images[:5*784])
	m.Decode(images[5*784:], mean)
	wantPicture(t, out, images, 5, 2, 1)

	wantFailure(t, tools("reconstruct", "--model", model, "--data", dataDir, "--out", out, "--n", "5", "--first", "16"), exitUsage, "--n", "20")
	wantFailure(t, tools("reconstruct", "--model", model, "--data", dataDir, "--out", out, "--first", "20"), exitUsage, "--first", "0 to 19")
}

func TestStackRows(t *testing.T) {
	number := func(n, from int) []float32 { // image i is full of from+i
		out := make([]float32, n*784)
		for i := range out {
			out[i] = float32(from + i/784)
		}
		return out
	}
	got := stackRows(number(5, 1), number(5, 101), 3)
	var first []float32
	for i := 0; i < len(got); i += 784 {
		first = append(first, got[i+783])
	}
	want := []float32{1, 2, 3, 101, 102, 103, 4, 5, 0, 104, 105, 0}
	for i := range want {
		if len(first) != len(want) || first[i] != want[i] {
			t.Fatalf("the images are %v, want %v", first, want)
		}
	}
}

func TestEval(t *testing.T) {
	model, dataDir := tinyModel(t)
	o := mustRun(t, "eval", "--model", model, "--data", dataDir, "--json")
	var got struct {
		Seed struct{ Loss float64 }
		ELBO struct{ Reconstruction, KL, ELBO float64 }
	}
	if err := json.Unmarshal([]byte(o.out), &got); err != nil {
		t.Fatal(err)
	}
	test, _, err := dataFlags{dataDir}.loadTest(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	m := loadTestModel(t, model)
	seed := m.Evaluate(test, core.SeedPreset().Objective, 1)
	elbo := m.Evaluate(test, core.ELBOPreset().Objective, 1)
	// model.md: the seed's loss is BCE / 784 + 1e-3 / latent · KL.
	if want := seed.Reconstruction/784 + 1e-3/2*seed.KL; math.Abs(got.Seed.Loss-want) > 1e-12 {
		t.Errorf("seed.loss is %v, want %v", got.Seed.Loss, want)
	}
	if got.ELBO.Reconstruction != elbo.Reconstruction || got.ELBO.KL != elbo.KL || math.Abs(got.ELBO.ELBO-elbo.Reconstruction-elbo.KL) > 1e-9 {
		t.Errorf("elbo is %+v, want %+v", got.ELBO, elbo)
	}
	text := mustRun(t, "eval", "--model", model, "--data", dataDir, "--subset", "7").out
	if !strings.Contains(text, "7 test images") || !strings.Contains(text, "nats") {
		t.Errorf("it printed\n%s", text)
	}
	wantFailure(t, tools("eval", "--model", model, "--data", dataDir, "--subset", "21"), exitUsage, "--subset", "1 to 20")
}

// TestForeignModels: every command that takes a model refuses what is none.
func TestForeignModels(t *testing.T) {
	model, dataDir := tinyModel(t)
	dir := t.TempDir()
	good := readTestFile(t, model)
	other := []byte(`{"weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`)
	files := map[string][]byte{
		"text":      []byte("this is not a model, it is a letter"),
		"empty":     nil,
		"truncated": good[:len(good)-10],
		"foreign":   append(append([]byte{byte(len(other)), 0, 0, 0, 0, 0, 0, 0}, other...), 0, 0, 0, 0),
		"huge":      append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, good[8:]...),
	}
	for name, content := range files {
		path := filepath.Join(dir, name+".safetensors")
		writeTestFile(t, path, content)
		for _, args := range [][]string{
			{"eval", "--data", dataDir}, {"sample", "--out", filepath.Join(dir, "x.png")}, {"manifold", "--out", filepath.Join(dir, "x.png")},
			{"reconstruct", "--data", dataDir, "--out", filepath.Join(dir, "x.png")}, {"summary"},
		} {
			t.Run(args[0]+" "+name, func(t *testing.T) { wantFailure(t, tools(append(args, "--model", path)...), 1, path) })
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x.png")); err == nil {
		t.Error("a picture of a foreign model was written")
	}
	wantFailure(t, tools("sample", "--model", dir), 1, dir, "not a file")
}

func TestSummary(t *testing.T) {
	text := mustRun(t, "summary").out
	for _, want := range []string{"enc/dense", "401,440", "(None, 14, 14, 64)", "Total params: 550,629", "Params: 56,385", "Params: 494,244"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	model, _ := tinyModel(t, "--latent", "3")
	var got summary
	if err := json.Unmarshal([]byte(mustRun(t, "summary", "--json", "--model", model).out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Parameters.Total != loadTestModel(t, model).Parameters() || got.Config.Latent != 3 || got.Encoder[1].Output[2] != 4 {
		t.Errorf("%+v", got)
	}
	wantFailure(t, tools("summary", "--model", model, "--latent", "2"), exitUsage, "--latent")
}

func TestPlot(t *testing.T) {
	seed, _ := tinyModel(t)
	elbo, _ := tinyModel(t, "--preset", "elbo")
	log := func(model string) string { return strings.TrimSuffix(model, modelSuffix) + ".json" }
	dir := t.TempDir()
	svg, picture := filepath.Join(dir, "l.svg"), filepath.Join(dir, "l.png")

	mustRun(t, "plot", log(seed), "--out", svg)
	if text := string(readTestFile(t, svg)); !strings.Contains(text, "tiny val") || !strings.Contains(text, "book val") {
		t.Error("the SVG lacks a curve")
	}
	mustRun(t, "plot", log(seed), "--out", svg, "--no-reference")
	if text := string(readTestFile(t, svg)); strings.Contains(text, "book") {
		t.Error("--no-reference draws the reference")
	}
	mustRun(t, "plot", log(elbo), "--out", picture)
	if _, err := png.Decode(bytes.NewReader(readTestFile(t, picture))); err != nil {
		t.Error(err)
	}
	var said struct{ Runs []losschart.Run }
	if err := json.Unmarshal([]byte(mustRun(t, "plot", log(elbo), "--out", picture, "--json").out), &said); err != nil || len(said.Runs) != 1 {
		t.Errorf("%v: %+v: the book's curve does not belong to nats", err, said)
	}

	wantFailure(t, tools("plot", log(seed), log(elbo), "--out", svg), 1, "nats", "two plots")
	wantFailure(t, tools("plot", strings.TrimSuffix(log(seed), ".json")+".csv", "--out", svg), 1, ".json")
	wantFailure(t, tools("plot", filepath.Join(dir, "gone.json")), 1, "gone.json", "no such file")
	for _, content := range []string{"loss", "{}", `{"unit":"nats","rows":[]}`} {
		path := filepath.Join(dir, "bad.json")
		writeTestFile(t, path, []byte(content))
		wantFailure(t, tools("plot", path, "--out", svg), 1, path)
	}
}
