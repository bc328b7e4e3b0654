package core

import (
	"bytes"
	"strings"
	"testing"

	"vaelab/core/weights"
)

func trainer(t *testing.T, optimizer string) *Trainer {
	t.Helper()
	m, err := NewModel(small(2), 5)
	if err != nil {
		t.Fatal(err)
	}
	cfg := SeedPreset()
	cfg.Optimizer.Name, cfg.Batch, cfg.Epochs = optimizer, 8, 3
	tr, err := NewTrainer(m, digits(30), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestResumeIsBitIdentical(t *testing.T) {
	for _, optimizer := range []string{"rmsprop", "rmsprop-keras3", "adam"} {
		whole := trainer(t, optimizer)
		for !whole.Done() {
			if _, err := whole.Step(); err != nil {
				t.Fatal(err)
			}
		}
		for _, stop := range []int{0, 1, 4, 7, 12} { // before, within, at the end of an epoch and of the run
			part := trainer(t, optimizer)
			for range stop {
				if _, err := part.Step(); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // half a step is done again
				if !part.Done() {
					if _, _, err := part.Advance(); err != nil {
						t.Fatal(err)
					}
				}
			}
			b, err := part.Checkpoint(map[string]string{"note": "kept"})
			if err != nil {
				t.Fatal(err)
			}
			resumed, meta, err := Resume(b, digits(30))
			if err != nil {
				t.Fatal(err)
			}
			if meta["note"] != "kept" {
				t.Errorf("metadata is %v, want the note kept", meta)
			}
			for !resumed.Done() {
				if _, err := resumed.Step(); err != nil {
					t.Fatal(err)
				}
			}
			for i, want := range whole.model.params.Flat {
				if got := resumed.model.params.Flat[i]; got != want {
					t.Fatalf("%s, stopped after %d steps: parameter %d is %v, want %v", optimizer, stop, i, got, want)
				}
			}
			if stop < 12 && resumed.Progress() != whole.Progress() {
				t.Errorf("%s, stopped after %d steps: progress %+v, want %+v", optimizer, stop, resumed.Progress(), whole.Progress())
			}
		}
	}
}

func TestModelFileRoundTrip(t *testing.T) {
	tr := trainer(t, "adam")
	for _, save := range []func() ([]byte, error){
		func() ([]byte, error) { return SaveModel(tr.Model(), map[string]string{"a": "b"}) },
		func() ([]byte, error) { return tr.Checkpoint(map[string]string{"a": "b"}) },
	} {
		b, err := save()
		if err != nil {
			t.Fatal(err)
		}
		m, meta, err := LoadModel(b)
		if err != nil {
			t.Fatal(err)
		}
		if m.Config() != tr.Model().Config() || meta["a"] != "b" {
			t.Errorf("config %+v, metadata %v", m.Config(), meta)
		}
		for i, want := range tr.Model().params.Flat {
			if m.params.Flat[i] != want {
				t.Fatalf("parameter %d is %v, want %v", i, m.params.Flat[i], want)
			}
		}
	}
}

// edit decodes a checkpoint, changes it and encodes it again.
func edit(t *testing.T, b []byte, change func(f *weights.File)) []byte {
	t.Helper()
	f, err := weights.Decode(b, "test")
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	out, err := weights.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBadFilesAreNamed(t *testing.T) {
	tr := trainer(t, "rmsprop")
	checkpoint, err := tr.Checkpoint(nil)
	if err != nil {
		t.Fatal(err)
	}
	set := func(key, value string) func(f *weights.File) {
		return func(f *weights.File) { f.Metadata[key] = value }
	}
	for _, c := range []struct {
		name   string
		change func(f *weights.File)
		load   string // part of LoadModel's error, "" where it must succeed
		resume string
	}{
		{"other width", func(f *weights.File) { f.Metadata["model.hidden"] = "8" }, `tensor "enc/dense/kernel" has shape [1176 9], want [1176 8]`, "has shape"},
		{"missing tensor", func(f *weights.File) { f.Tensors = f.Tensors[1:] }, `tensor "enc/conv1/kernel" is missing`, "is missing"},
		{"extra tensor", func(f *weights.File) {
			f.Tensors = append(f.Tensors, weights.Tensor{Name: "extra", Shape: []int{1}, Data: []float32{1}})
		}, `tensor "extra" does not belong`, "does not belong"},
		{"latent not a number", set("model.latent", "two"), `"model.latent" is "two"`, "model.latent"},
		{"latent out of range", set("model.latent", "1000000"), "latent size is 1000000, want 1 to 128", "latent size"},
		{"encoder list", set("model.encoder", "1,2,3"), "want four numbers", "want four numbers"},
		{"not a checkpoint", set("vaelab.format", "model"), "", "without a training state"},
		{"other data", set("data.checksum", "1"), "", "other images"},
		{"other count", set("data.count", "29"), "", "was on 29 images"},
		{"step beyond the epoch", set("position.step", "4"), "", "does not fit the run"},
		{"batch out of range", set("train.batch", "0"), "", "batch is 0, want 1 to 1024"},
		{"unknown optimizer", set("train.optimizer", "sgd"), "", `optimizer is "sgd"`},
		{"no learning rate", func(f *weights.File) { delete(f.Metadata, "train.lr") }, "", "train.lr"},
		{"no optimiser state", func(f *weights.File) { f.Tensors = f.Tensors[:len(f.Tensors)-1] }, "", "optimiser's state"},
	} {
		b := edit(t, checkpoint, c.change)
		if _, _, err := LoadModel(b); (err == nil) != (c.load == "") || err != nil && !strings.Contains(err.Error(), c.load) {
			t.Errorf("%s: LoadModel says %v, want %q", c.name, err, c.load)
		}
		if _, _, err := Resume(b, digits(30)); err == nil || !strings.Contains(err.Error(), c.resume) {
			t.Errorf("%s: Resume says %v, want %q", c.name, err, c.resume)
		}
	}
	if _, _, err := LoadModel(checkpoint[:len(checkpoint)/2]); err == nil {
		t.Error("half a file was accepted")
	}
}

func TestArchitectureFromShapes(t *testing.T) {
	b, err := SaveModel(trainer(t, "adam").Model(), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := LoadModel(edit(t, b, func(f *weights.File) { f.Metadata = nil }))
	if err != nil || m.Config() != small(2) {
		t.Errorf("a file without metadata: %v", err)
	}
}

func FuzzResume(f *testing.F) {
	m, _ := NewModel(Config{Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1}, 1)
	cfg := SeedPreset()
	set := digits(3)
	tr, _ := NewTrainer(m, set, cfg)
	b, err := tr.Checkpoint(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(bytes.Replace(b, []byte(`"16"`), []byte(`"-6"`), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, _ = Resume(b, set)
		_, _, _ = LoadModel(b)
	})
}
