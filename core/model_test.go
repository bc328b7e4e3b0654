package core

import (
	"math"
	"math/rand/v2"
	"testing"

	"vaelab/core/data"
	"vaelab/core/kernel"
	"vaelab/core/ref"
)

// small is an architecture with widths that are no multiple of any vector.
func small(latent int) Config {
	return Config{Latent: latent, Hidden: 9, Encoder: [4]int{5, 7, 10, 6}, Decoder: 11}
}

// oracle is the same model in the naive loops.
func oracle(m *Model) *ref.VAE[float64] {
	c := m.Config()
	v := &ref.VAE[float64]{Side: 28, Latent: c.Latent, Hidden: c.Hidden, Encoder: c.Encoder, Decoder: c.Decoder, Params: map[string][]float64{}}
	for _, t := range m.Tensors() {
		w := make([]float64, len(t.Data))
		for i, x := range t.Data {
			w[i] = float64(x)
		}
		v.Params[t.Name] = w
	}
	return v
}

func wide(x []float32) []float64 {
	w := make([]float64, len(x))
	for i := range x {
		w[i] = float64(x[i])
	}
	return w
}

// digits makes n images that look like strokes: mostly black, some grey, some white.
func digits(n int) *data.Set {
	r := rand.New(rand.NewPCG(uint64(n), 99))
	s := &data.Set{Images: make([]byte, n*data.Pixels), Labels: make([]byte, n)}
	for i := range n {
		s.Labels[i] = byte(i % 10)
		x, y := 4+r.Float64()*20, 4+r.Float64()*20
		dx, dy := r.NormFloat64(), r.NormFloat64()
		for range 60 {
			px, py := int(x), int(y)
			if px > 1 && px < 26 && py > 1 && py < 26 {
				s.Image(i)[py*28+px] = 255
				s.Image(i)[py*28+px+1] = byte(100 + r.IntN(156))
			} else {
				dx, dy = -dx, -dy
			}
			x, y = x+dx*.5, y+dy*.5
			dx, dy = dx+r.NormFloat64()*.2, dy+r.NormFloat64()*.2
		}
	}
	return s
}

// difference is the relative error in the 2-norm.
func difference(got []float32, want []float64) float64 {
	var d, n float64
	for i := range want {
		e := float64(got[i]) - want[i]
		d += e * e
		n += want[i] * want[i]
	}
	return math.Sqrt(d / (n + 1e-30))
}

func eachWidth(t *testing.T, f func(t *testing.T)) {
	was := kernel.Lanes()
	defer kernel.Use(was)
	for _, w := range kernel.Widths() {
		kernel.Use(w)
		t.Run(kernel.Name(), f)
	}
}

// The tolerances are float32's: sums of up to 12,544 products of rounded values.
func TestModelMatchesReference(t *testing.T) {
	eachWidth(t, func(t *testing.T) {
		for _, cfg := range []Config{small(1), small(2), small(5), DefaultConfig()} {
			n := 5
			if cfg == DefaultConfig() {
				n = 2
			}
			m, err := NewModel(cfg, 7)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			for _, tensor := range m.Tensors() {
				for i := range tensor.Data {
					tensor.Data[i] += float32(r.NormFloat64()) * 0.02 // biases too
				}
			}
			m.Changed()
			set := digits(n)
			x := make([]float32, n*ImagePixels)
			data.Scale(x, set.Images)
			eps := make([]float32, n*cfg.Latent)
			for i := range eps {
				eps[i] = float32(r.NormFloat64())
			}
			v := oracle(m)
			for _, o := range []struct {
				ours   Objective
				theirs ref.Objective
			}{{Objective{Name: "seed"}, ref.Objective{Seed: true}}, {Objective{Name: "elbo", Beta: 0.7}, ref.Objective{Beta: 0.7}}} {
				want, wantGrad := v.Gradient(wide(x), wide(eps), n, o.theirs)
				grad := make([]float32, m.Parameters())
				got, err := m.Gradient(grad, x, eps, o.ours)
				if err != nil {
					t.Fatal(err)
				}
				if e := math.Abs(got.Reconstruction/want.Reconstruction - 1); e > 1e-6 {
					t.Errorf("reconstruction %v, want %v", got.Reconstruction, want.Reconstruction)
				}
				if e := math.Abs(got.KL/want.KL - 1); e > 1e-4 {
					t.Errorf("KL %v, want %v", got.KL, want.KL)
				}
				if e := math.Abs(o.ours.Loss(got, cfg.Latent)/want.Loss - 1); e > 1e-6 {
					t.Errorf("loss %v, want %v", o.ours.Loss(got, cfg.Latent), want.Loss)
				}
				at := 0
				for _, tensor := range m.Tensors() {
					w := wantGrad[tensor.Name]
					if e := difference(grad[at:at+len(w)], w); !(e < 2e-5) {
						t.Errorf("%s, latent %d, %s: gradient of %s is off by %.2g", o.ours.Name, cfg.Latent, kernel.Name(), tensor.Name, e)
					}
					at += len(w)
				}
			}
			a := v.Encode(wide(x), n)
			mean, logVar := make([]float32, n*cfg.Latent), make([]float32, n*cfg.Latent)
			m.Encode(mean, logVar, x)
			if e := difference(mean, a.Mean); !(e < 1e-5) {
				t.Errorf("means are off by %.2g", e)
			}
			if e := difference(logVar, a.LogVar); !(e < 1e-5) {
				t.Errorf("log-variances are off by %.2g", e)
			}
			out := make([]float32, n*ImagePixels)
			m.Decode(out, mean)
			if e := difference(out, v.Decode(wide(mean), n).Probability); !(e < 1e-5) {
				t.Errorf("decoded images are off by %.2g", e)
			}
		}
	})
}

func TestBookArchitecture(t *testing.T) {
	m, err := NewModel(DefaultConfig(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if m.Parameters() != 550629 {
		t.Errorf("%d parameters, want 550,629", m.Parameters())
	}
	decoder := 0
	for _, tensor := range m.Tensors() {
		if tensor.Name[:3] == "dec" {
			decoder += len(tensor.Data)
		}
	}
	if decoder != 56385 {
		t.Errorf("decoder has %d parameters, want 56,385", decoder)
	}
	// The limits in model.md's table.
	limits := map[string]float64{"enc/conv1/kernel": .14213, "enc/conv2/kernel": .08333, "enc/conv3/kernel": .07217, "enc/dense/kernel": .02184,
		"enc/z_mean/kernel": .42008, "dec/dense/kernel": .02187, "dec/deconv/kernel": .08333, "dec/conv/kernel": .14213}
	for _, tensor := range m.Tensors() {
		limit := limits[tensor.Name]
		if limit == 0 {
			continue
		}
		peak := 0.0
		for _, x := range tensor.Data {
			peak = max(peak, math.Abs(float64(x)))
		}
		if peak > limit+1e-5 || peak < 0.9*limit {
			t.Errorf("%s reaches %v, want at most %v and close to it", tensor.Name, peak, limit)
		}
	}
}

func TestThreadsDoNotChangeBits(t *testing.T) {
	set := digits(41)
	run := func(threads int, sliced bool) ([]float32, Progress, Losses) {
		m, err := NewModel(small(2), 3)
		if err != nil {
			t.Fatal(err)
		}
		m.SetThreads(threads)
		cfg := ELBOPreset()
		cfg.Batch, cfg.Epochs, cfg.Shards = 19, 2, 4
		tr, err := NewTrainer(m, set, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for !tr.Done() {
			if sliced {
				if _, _, err := tr.Advance(); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if _, err := tr.Step(); err != nil {
				t.Fatal(err)
			}
		}
		return m.params.Flat, tr.Progress(), tr.Validate(set)
	}
	want, progress, losses := run(1, false)
	if progress.Steps != 3 || progress.Images != 3 || !progress.EpochDone {
		t.Errorf("last step is %+v, want the third of three with the 3 images that are left", progress)
	}
	for _, threads := range []int{1, 2, 3, 4, 8} {
		for _, sliced := range []bool{false, true} {
			got, p, l := run(threads, sliced)
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%d threads, sliced %v: parameter %d is %v, want %v", threads, sliced, i, got[i], want[i])
				}
			}
			if p != progress || l != losses {
				t.Errorf("%d threads, sliced %v: progress %+v, losses %+v; want %+v, %+v", threads, sliced, p, l, progress, losses)
			}
		}
	}
}

func TestTrainingLearns(t *testing.T) {
	set := digits(64)
	for _, name := range []string{"rmsprop", "rmsprop-keras3", "adam"} {
		for _, cfg := range []TrainConfig{SeedPreset(), ELBOPreset()} {
			cfg.Optimizer.Name = name
			cfg.Batch, cfg.Epochs = 8, 30
			m, err := NewModel(small(2), 1)
			if err != nil {
				t.Fatal(err)
			}
			before := m.Evaluate(set, cfg.Objective, 1)
			tr, err := NewTrainer(m, set, cfg)
			if err != nil {
				t.Fatal(err)
			}
			for !tr.Done() {
				if _, err := tr.Step(); err != nil {
					t.Fatal(err)
				}
			}
			after := m.Evaluate(set, cfg.Objective, 1)
			if b, a := cfg.Objective.Loss(before, 2), cfg.Objective.Loss(after, 2); !(a < 0.8*b) {
				t.Errorf("%s, %s: loss went from %v to %v, want less than 80 %%", name, cfg.Objective.Name, b, a)
			}
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	m, err := NewModel(small(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	m.SetThreads(2)
	cfg := SeedPreset()
	cfg.Epochs = 1000
	tr, err := NewTrainer(m, digits(64), cfg)
	if err != nil {
		t.Fatal(err)
	}
	step := func() {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		step()
	}
	if n := testing.AllocsPerRun(50, step); n != 0 {
		t.Errorf("a step allocates %v times, want 0", n)
	}
}

func TestDivergenceKeepsTheLastGoodState(t *testing.T) {
	m, err := NewModel(small(2), 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg := ELBOPreset()
	cfg.Batch, cfg.Epochs, cfg.Optimizer.LR = 16, 100, 10
	tr, err := NewTrainer(m, digits(64), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for !tr.Done() {
		before := append([]float32(nil), m.params.Flat...)
		if _, err = tr.Step(); err == nil {
			continue
		}
		if err != ErrDiverged {
			t.Fatal(err)
		}
		for i, x := range m.params.Flat {
			if x != before[i] {
				t.Fatalf("parameter %d changed in the step that diverged", i)
			}
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				t.Fatalf("parameter %d is %v", i, x)
			}
		}
		return
	}
	t.Error("a learning rate of 10 did not diverge")
}

func BenchmarkStep(b *testing.B) {
	for _, batch := range []int{16, 128} {
		for _, threads := range []int{1, 2} {
			b.Run(map[int]string{16: "batch16", 128: "batch128"}[batch]+map[int]string{1: "/1thread", 2: "/2threads"}[threads], func(b *testing.B) {
				m, _ := NewModel(DefaultConfig(), 1)
				m.SetThreads(threads)
				cfg := SeedPreset()
				cfg.Batch, cfg.Epochs, cfg.Shards = batch, 100000, 0
				tr, err := NewTrainer(m, digits(1024), cfg)
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					tr.Step()
				}
				b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	m, _ := NewModel(DefaultConfig(), 1)
	z, out := []float32{0.1, 0.2}, make([]float32, ImagePixels)
	for b.Loop() {
		m.Decode(out, z)
	}
}
