package nn

import "math"

// Objective is what training minimises.
//
// "seed" is the book's loss, with its sampling z = μ + exp(lv)·ε:
//
//	mean over pixels of BCE − 5e-4 · mean over latent dimensions of (1 + lv − μ² − exp(lv))
//
// "elbo" is the negative evidence lower bound in nats, with KL weighted by β and
// z = μ + exp(½·lv)·ε (Kingma & Welling 2014, Higgins et al. 2017).
type Objective struct {
	Name string
	Beta float64 // weight of the KL term under "elbo"
}

// The names of the objectives.
const (
	Seed = "seed"
	ELBO = "elbo"
)

// Losses are means per image, in nats, whatever the objective.
type Losses struct {
	Reconstruction float64 // binary cross-entropy, summed over the 784 pixels
	KL             float64 // ½ Σ (exp(lv) + μ² − 1 − lv)
}

// Loss is the objective's own figure for l, what Keras prints: per pixel for
// "seed", nats for "elbo".
func (o Objective) Loss(l Losses, latent int) float64 {
	r, k := o.weights(latent)
	return r*l.Reconstruction + k*l.KL
}

// weights is what an image's cross-entropy and KL in nats are multiplied by.
func (o Objective) weights(latent int) (reconstruction, kl float64) {
	if o.Name == Seed {
		// −5e-4 · mean(1 + lv − μ² − exp(lv)) is 1e-3 / latent · KL.
		return 1.0 / Pixels, 1e-3 / float64(latent)
	}
	return 1, o.Beta
}

func (o Objective) noiseScale() float64 {
	if o.Name == Seed {
		return 1
	}
	return 0.5
}

// maxLogit is where Keras' clip of probabilities to [1e-7, 1−1e-7] begins.
var maxLogit = math.Log((1 - 1e-7) / 1e-7)

// crossEntropy returns the binary cross-entropy in nats of the logits of image i
// against its pixels, and where gradient is set leaves scale · d/dlogit in dlogits.
// Both come from the logits, stably:
//
//	BCE = max(l,0) − t·l + log(1 + exp(−|l|)),   dBCE/dl = σ(l) − t, zero where Keras clips
func (w *Workspace) crossEntropy(i int, gradient bool, scale float64) float64 {
	sum := 0.0
	for y := range Side {
		at := w.px.Origin() + y*w.px.Pitch()
		target := w.x[i][at:][:Side]
		logits := w.logits[y*Side:][:Side]
		dl := w.dlogits[at:][:Side]
		for x, t32 := range target {
			t, l := float64(t32), float64(logits[x])
			e := math.Exp(-math.Abs(l))
			if gradient {
				s := 1 / (1 + e)
				if l < 0 {
					s = e * s
				}
				dl[x] = float32((s - t) * scale)
			}
			if l > maxLogit || l < -maxLogit {
				l = math.Copysign(maxLogit, l)
				e = math.Exp(-maxLogit)
				dl[x] = 0
			}
			sum += max(l, 0) - float64(t*l) + math.Log1p(e)
		}
	}
	return sum
}

// kl returns the KL divergence from N(0, I) of image i's posterior, in nats.
func (w *Workspace) kl(i int) float64 {
	mean, logVar := w.Posterior(i)
	sum := 0.0
	for j, m := range mean {
		lv := float64(logVar[j])
		sum += 0.5 * (math.Exp(lv) + float64(float64(m)*float64(m)) - 1 - lv)
	}
	return sum
}

// Score returns the losses of n images, summed, after Encode with the noise set.
func (w *Workspace) Score(p *Params, k *Packed, o Objective, n int) (sum Losses) {
	w.Reparameterise(o, n)
	w.DecodeHidden(p, n)
	for i := range n {
		w.DecodeImage(p, k, i)
		sum.Reconstruction += w.crossEntropy(i, false, 0)
		sum.KL += w.kl(i)
	}
	return sum
}
