package ref

import (
	"math"
	"math/rand/v2"
	"testing"
)

func small(r *rand.Rand) *VAE[float64] {
	m := &VAE[float64]{Side: 6, Latent: 3, Hidden: 5, Encoder: [4]int{2, 3, 4, 2}, Decoder: 3, Params: map[string][]float64{}}
	for _, t := range m.Tensors() {
		p := random(r, t.Len())
		for i := range p {
			p[i] *= 0.4
		}
		m.Params[t.Name] = p
	}
	return m
}

func batch(r *rand.Rand, m *VAE[float64], n int) (x, eps []float64) {
	x, eps = make([]float64, n*m.Side*m.Side), random(r, n*m.Latent)
	for i := range x {
		x[i] = r.Float64()
	}
	return x, eps
}

func TestModelGradient(t *testing.T) {
	for _, o := range []Objective{{Seed: true}, {Beta: 1}, {Beta: 0.25}} {
		r := rand.New(rand.NewPCG(7, 8))
		m := small(r)
		x, eps := batch(r, m, 3)
		losses, g := m.Gradient(x, eps, 3, o)
		if want := m.Loss(x, eps, 3, o); losses != want {
			t.Fatalf("Gradient reports %+v, Loss %+v", losses, want)
		}
		alive := 0
		for _, p := range m.Tensors() {
			checkGradient(t, p.Name, m.Params[p.Name], g[p.Name], func() float64 { return m.Loss(x, eps, 3, o).Loss })
			if dot(g[p.Name], g[p.Name]) > 0 {
				alive++
			}
		}
		if alive != len(m.Tensors()) {
			t.Errorf("%+v: only %d of %d parameters have any gradient: the check proves too little", o, alive, len(m.Tensors()))
		}
	}
}

func TestParameterCounts(t *testing.T) {
	m := VAE[float32]{Side: 28, Latent: 2, Hidden: 32, Encoder: [4]int{32, 64, 64, 64}, Decoder: 32}
	total, decoder := 0, 0
	for _, p := range m.Tensors() {
		total += p.Len()
		if p.Name[:4] == "dec/" {
			decoder += p.Len()
		}
	}
	if total != 550629 || decoder != 56385 {
		t.Errorf("%d parameters, %d in the decoder; want 550629 and 56385", total, decoder)
	}
}

// TestObjectives computes the losses from probabilities, as Keras does.
func TestObjectives(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	m := small(r)
	const n = 2
	x, eps := batch(r, m, n)
	for _, o := range []Objective{{Seed: true}, {Beta: 2}} {
		a := m.Forward(x, eps, n, o)
		bce, klSum, klMean := 0.0, 0.0, 0.0
		for i, p := range a.Probability {
			bce -= x[i]*math.Log(p) + (1-x[i])*math.Log(1-p)
		}
		for i := range a.Mean {
			c := 1 + a.LogVar[i] - a.Mean[i]*a.Mean[i] - math.Exp(a.LogVar[i])
			klSum -= 0.5 * c
			klMean += -5e-4 * c / float64(m.Latent)
			std := math.Exp(a.LogVar[i] / 2)
			if o.Seed {
				std = math.Exp(a.LogVar[i])
			}
			if z := a.Mean[i] + std*eps[i]; math.Abs(z-a.Z[i]) > 1e-12 {
				t.Errorf("%+v: z[%d] = %g, want %g", o, i, a.Z[i], z)
			}
		}
		want := (bce + 2*klSum) / n
		if o.Seed {
			want = (bce/float64(m.Side*m.Side) + klMean) / n
		}
		l := m.Loss(x, eps, n, o)
		for _, c := range []struct {
			name      string
			got, want float64
		}{{"loss", l.Loss, want}, {"reconstruction", l.Reconstruction, bce / n}, {"KL", l.KL, klSum / n}} {
			if !(math.Abs(c.got-c.want) <= 1e-9*math.Abs(c.want)) {
				t.Errorf("%+v: %s %.12g, want %.12g", o, c.name, c.got, c.want)
			}
		}
	}
	// model.md: the seed's loss × 784 is BCE in nats + .392 KL at two dimensions.
	wr, wk := Objective{Seed: true}.weights(784, 2)
	if math.Abs(wr*784-1) > 1e-15 || math.Abs(wk*784-0.392) > 1e-15 {
		t.Errorf("seed weights × 784 are %g and %g, want 1 and .392", wr*784, wk*784)
	}
}

func TestCrossEntropyClips(t *testing.T) {
	for _, c := range []struct{ logit, target, loss, gradient float64 }{
		{0, 0.3, math.Ln2, 0.2},
		{50, 0, -math.Log(1e-7), 0}, // p would be 1: clipped to 1−1e-7
		{-50, 1, -math.Log(1e-7), 0},
		{1e30, 1, -math.Log1p(-1e-7), 0},
		{16, 0, 16 + math.Log1p(math.Exp(-16)), 1 / (1 + math.Exp(-16))}, // just inside the clip
		{-16, 0, math.Log1p(math.Exp(-16)), 1 / (1 + math.Exp(16))},
		{17, 1, -math.Log1p(-1e-7), 0},
	} {
		loss, gradient := crossEntropy(c.logit, c.target)
		if math.Abs(loss-c.loss) > 1e-9 || math.Abs(gradient-c.gradient) > 1e-12 {
			t.Errorf("logit %g against %g: loss %.12g gradient %.12g, want %.12g and %.12g", c.logit, c.target, loss, gradient, c.loss, c.gradient)
		}
	}
}

func TestFloat32FollowsFloat64(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	m := small(r)
	x, eps := batch(r, m, 2)
	narrow := func(v []float64) []float32 {
		w := make([]float32, len(v))
		for i := range v {
			w[i] = float32(v[i])
		}
		return w
	}
	f := &VAE[float32]{Side: m.Side, Latent: m.Latent, Hidden: m.Hidden, Encoder: m.Encoder, Decoder: m.Decoder, Params: map[string][]float32{}}
	for name, p := range m.Params {
		f.Params[name] = narrow(p)
	}
	l64, g64 := m.Gradient(x, eps, 2, Objective{Beta: 1})
	l32, g32 := f.Gradient(narrow(x), narrow(eps), 2, Objective{Beta: 1})
	if math.Abs(l64.Loss-l32.Loss) > 1e-5*l64.Loss {
		t.Errorf("loss %g in float32, %g in float64", l32.Loss, l64.Loss)
	}
	for name, g := range g64 {
		norm := math.Sqrt(dot(g, g))
		for i := range g {
			if math.Abs(g[i]-float64(g32[name][i])) > 1e-5*norm+1e-7 {
				t.Fatalf("%s[%d]: %g in float32, %g in float64", name, i, g32[name][i], g[i])
			}
		}
	}
}
