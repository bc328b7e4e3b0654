package ref

import "math"

// Gradient returns the mean losses of n images x (n×side×side, in [0,1]) with
// the noise eps (n×latent), and the gradient of Losses.Loss for every
// parameter, by its name.
func (m *VAE[T]) Gradient(x, eps []T, n int, o Objective) (Losses, map[string][]T) {
	s, h, e, d, flat := m.Side, m.half(), m.Encoder, m.Decoder, m.flat()
	a := m.Forward(x, eps, n, o)
	g := map[string][]T{}
	for _, t := range m.Tensors() {
		g[t.Name] = make([]T, t.Len())
	}
	wr, wk := o.weights(s*s, m.Latent)

	// The loss, from the logits.
	dLogits := make([]T, n*s*s)
	BCE(dLogits, a.Logits, x)
	for i := range dLogits {
		dLogits[i] = T(float64(dLogits[i]) * wr / float64(n))
	}

	// The decoder, backwards.
	ConvBackwardFilter(g["dec/conv/kernel"], g["dec/conv/bias"], a.Deconv, dLogits, n, s, s, d, 1, 1)
	dDeconv := make([]T, n*s*s*d)
	ConvBackwardData(dDeconv, dLogits, m.kernel("dec/conv"), n, s, s, d, 1, 1)
	ReLUBackward(dDeconv, dDeconv, a.Deconv)
	ConvTransposeBackwardFilter(g["dec/deconv/kernel"], g["dec/deconv/bias"], a.DecoderIn, dDeconv, n, h, h, e[3], d)
	dIn := make([]T, n*flat)
	ConvTransposeBackwardData(dIn, dDeconv, m.kernel("dec/deconv"), n, h, h, e[3], d)
	ReLUBackward(dIn, dIn, a.DecoderIn)
	DenseBackwardWeights(g["dec/dense/kernel"], g["dec/dense/bias"], a.Z, dIn, n, m.Latent, flat)
	dZ := make([]T, n*m.Latent)
	DenseBackwardData(dZ, dIn, m.kernel("dec/dense"), n, m.Latent, flat)

	// The sampling and the KL term.
	dMean, dLogVar := make([]T, n*m.Latent), make([]T, n*m.Latent)
	for i := range dZ {
		mean, lv, dz := float64(a.Mean[i]), float64(a.LogVar[i]), float64(dZ[i])
		c := o.noiseScale()
		dMean[i] = T(dz + wk*mean/float64(n))
		dLogVar[i] = T(dz*c*math.Exp(c*lv)*float64(eps[i]) + wk*0.5*(math.Exp(lv)-1)/float64(n))
	}

	// The encoder, backwards. Both heads read the same hidden layer.
	DenseBackwardWeights(g["enc/z_mean/kernel"], g["enc/z_mean/bias"], a.Hidden, dMean, n, m.Hidden, m.Latent)
	DenseBackwardWeights(g["enc/z_log_var/kernel"], g["enc/z_log_var/bias"], a.Hidden, dLogVar, n, m.Hidden, m.Latent)
	dHidden, fromLogVar := make([]T, n*m.Hidden), make([]T, n*m.Hidden)
	DenseBackwardData(dHidden, dMean, m.kernel("enc/z_mean"), n, m.Hidden, m.Latent)
	DenseBackwardData(fromLogVar, dLogVar, m.kernel("enc/z_log_var"), n, m.Hidden, m.Latent)
	for i := range dHidden {
		dHidden[i] += fromLogVar[i]
	}
	ReLUBackward(dHidden, dHidden, a.Hidden)
	DenseBackwardWeights(g["enc/dense/kernel"], g["enc/dense/bias"], a.Conv[3], dHidden, n, flat, m.Hidden)
	dy := make([]T, n*flat)
	DenseBackwardData(dy, dHidden, m.kernel("enc/dense"), n, flat, m.Hidden)
	ReLUBackward(dy, dy, a.Conv[3])

	dy = m.convBackward(g, "enc/conv4", a.Conv[2], dy, n, h, e[2], e[3], 1)
	dy = m.convBackward(g, "enc/conv3", a.Conv[1], dy, n, h, e[1], e[2], 1)
	dy = m.convBackward(g, "enc/conv2", a.Conv[0], dy, n, s, e[0], e[1], 2)
	ConvBackwardFilter(g["enc/conv1/kernel"], g["enc/conv1/bias"], x, dy, n, s, s, 1, e[0], 1)
	return m.losses(a, x, n, o), g
}

// convBackward writes a convolution's parameter gradients and returns the
// gradient of its input x, which is the output of a ReLU.
func (m *VAE[T]) convBackward(g map[string][]T, layer string, x, dy []T, n, side, cin, cout, stride int) []T {
	ConvBackwardFilter(g[layer+"/kernel"], g[layer+"/bias"], x, dy, n, side, side, cin, cout, stride)
	dx := make([]T, n*side*side*cin)
	ConvBackwardData(dx, dy, m.kernel(layer), n, side, side, cin, cout, stride)
	ReLUBackward(dx, dx, x)
	return dx
}
