package ref

import "math"

// Objective is what training minimises: the book's loss and its sampling
// z = μ + exp(lv)·ε ("seed"), or the negative ELBO with z = μ + exp(lv/2)·ε.
type Objective struct {
	Seed bool
	Beta float64 // weight of the KL term; used where Seed is false
}

// Losses are means over the batch.
type Losses struct {
	Loss           float64 // the objective's own figure: per pixel for the seed, nats for the ELBO
	Reconstruction float64 // binary cross-entropy in nats, summed over the pixels
	KL             float64 // ½ Σ (exp(lv) + μ² − 1 − lv), in nats
}

// noiseScale is the power of exp(lv) that multiplies ε.
func (o Objective) noiseScale() float64 {
	if o.Seed {
		return 1
	}
	return 0.5
}

// weights returns what an image's binary cross-entropy in nats and its KL in
// nats are multiplied by in the loss.
func (o Objective) weights(pixels, latent int) (reconstruction, kl float64) {
	if o.Seed {
		// −5e-4 · mean(1 + lv − μ² − exp(lv)) = 1e-3 / latent · KL
		return 1 / float64(pixels), 1e-3 / float64(latent)
	}
	return 1, o.Beta
}

// Keras clips probabilities to [1e-7, 1−1e-7] in its cross-entropy: logits to
// ±maxLogit.
var maxLogit = math.Log((1 - 1e-7) / 1e-7)

// crossEntropy returns −t·log(p) − (1−t)·log(1−p) in nats for p, the sigmoid of
// the logit, clipped as Keras does; and its derivative to the logit, which is 0
// where it clips.
func crossEntropy(logit, t float64) (loss, gradient float64) {
	gradient = sigmoid(logit) - t
	if math.Abs(logit) > maxLogit {
		gradient = 0
		logit = math.Copysign(maxLogit, logit)
	}
	return max(logit, 0) - t*logit + math.Log1p(math.Exp(-math.Abs(logit))), gradient
}

// BCE returns the binary cross-entropy in nats, summed over all elements, of
// logits against targets in [0,1], and where dlogits is not nil writes its
// gradient there.
func BCE[T Float](dlogits, logits, targets []T) float64 {
	sum := 0.0
	for i, l := range logits {
		loss, gradient := crossEntropy(float64(l), float64(targets[i]))
		sum += loss
		if dlogits != nil {
			dlogits[i] = T(gradient)
		}
	}
	return sum
}

// KL returns ½ Σ (exp(lv) + μ² − 1 − lv) in nats over all elements: the
// divergence of the diagonal normals (mean, exp(logVar)) from N(0, 1).
func KL[T Float](mean, logVar []T) float64 {
	sum := 0.0
	for i := range mean {
		m, lv := float64(mean[i]), float64(logVar[i])
		sum += 0.5 * (math.Exp(lv) + m*m - 1 - lv)
	}
	return sum
}
