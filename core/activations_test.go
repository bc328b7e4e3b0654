package core

import (
	"math"
	"math/rand/v2"
	"testing"

	"vaelab/core/data"
	"vaelab/core/kernel"
	"vaelab/core/ref"
)

// Every layer's output is the naive model's, at every vector width, with and without Winograd.
func TestActivationsMatchReference(t *testing.T) {
	eachWidth(t, func(t *testing.T) {
		for _, cfg := range []Config{small(1), small(3), DefaultConfig()} {
			m, err := NewModel(cfg, 11)
			if err != nil {
				t.Fatal(err)
			}
			image := digits(1).Image(0)
			x := make([]float32, ImagePixels)
			data.Scale(x, image)
			r := rand.New(rand.NewPCG(3, 4))
			eps := make([]float32, cfg.Latent)
			for i := range eps {
				eps[i] = float32(r.NormFloat64())
			}
			v := oracle(m)
			for _, o := range []struct {
				ours   Objective
				theirs ref.Objective
			}{{Objective{Name: "seed"}, ref.Objective{Seed: true}}, {Objective{Name: "elbo", Beta: 1}, ref.Objective{Beta: 1}}} {
				want := v.Forward(wide(x), wide(eps), 1, o.theirs)
				got, losses := m.Activations(image, eps, o.ours)
				for _, layer := range []struct {
					name string
					got  []float32
					want []float64
				}{
					{"conv1", got.Conv[0], want.Conv[0]}, {"conv2", got.Conv[1], want.Conv[1]},
					{"conv3", got.Conv[2], want.Conv[2]}, {"conv4", got.Conv[3], want.Conv[3]},
					{"dense", got.Hidden, want.Hidden}, {"mean", got.Mean, want.Mean}, {"log-variance", got.LogVar, want.LogVar},
					{"z", got.Z, want.Z}, {"decoder's dense", got.DecoderIn, want.DecoderIn},
					{"deconv", got.Deconv, want.Deconv}, {"probability", got.Probability, want.Probability},
				} {
					if len(layer.got) != len(layer.want) {
						t.Fatalf("%s has %d values, want %d", layer.name, len(layer.got), len(layer.want))
					}
					if e := difference(layer.got, layer.want); !(e < 2e-5) {
						t.Errorf("%s, latent %d, %s: %s is off by %.2g", o.ours.Name, cfg.Latent, kernel.Name(), layer.name, e)
					}
				}
				loss := v.Loss(wide(x), wide(eps), 1, o.theirs)
				if e := math.Abs(losses.Reconstruction/loss.Reconstruction - 1); !(e < 1e-6) {
					t.Errorf("reconstruction %v, want %v", losses.Reconstruction, loss.Reconstruction)
				}
				if e := math.Abs(losses.KL - loss.KL); !(e < 1e-4*loss.KL+1e-9) {
					t.Errorf("KL %v, want %v", losses.KL, loss.KL)
				}
			}
		}
	})
}

// What was handed out stays, whatever the model does next, and looking changes no bit of the model's work.
func TestActivationsAreCopies(t *testing.T) {
	m, err := NewModel(DefaultConfig(), 5)
	if err != nil {
		t.Fatal(err)
	}
	set := digits(2)
	o := Objective{Name: "elbo", Beta: 1}
	before := m.Evaluate(set, o, 9)
	first, _ := m.Activations(set.Image(0), []float32{.5, -1}, o)
	kept := append([]float32(nil), first.Conv[3]...)
	second, _ := m.Activations(set.Image(1), []float32{1, 2}, o)
	changed := false
	for i, x := range kept {
		if first.Conv[3][i] != x {
			t.Fatal("the next image overwrote the activations of the one before")
		}
		changed = changed || second.Conv[3][i] != x
	}
	if !changed {
		t.Error("two images have the same activations")
	}
	if after := m.Evaluate(set, o, 9); after != before {
		t.Errorf("losses %v after looking, %v before", after, before)
	}
}
