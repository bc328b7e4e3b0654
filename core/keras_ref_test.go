package core_test

import (
	"testing"

	"vaelab/core"
	"vaelab/core/nn"
	"vaelab/core/ref"
)

// The oracle that the kernels are held to must itself be Keras' model: every layer's output, the loss and every
// gradient, in double precision, so that the distances are Keras' own rounding.
func TestKerasReference(t *testing.T) {
	inputs := readGolden(t, "inputs")
	cases := []kerasCase{
		{nn.Seed + "/latent2/clip", core.Objective{Name: nn.Seed, Beta: 1}, 2, 5, true},
		{nn.ELBO + "/latent2/clip", core.Objective{Name: nn.ELBO, Beta: 1}, 2, 5, true},
	}
	for _, c := range kerasCases() {
		if c.size == 1 || c.size == 5 && !testing.Short() {
			cases = append(cases, c)
		}
	}
	for file := range kerasFiles {
		g, w := readGolden(t, file), worst{}
		for _, c := range cases {
			if file == "keras3" || !c.clip {
				c.reference(t, w, inputs, g)
			}
		}
		w.log(t)
	}
}

func (c kerasCase) reference(t *testing.T, w worst, inputs, g golden) {
	m := c.model(t)
	config := m.Config()
	v := &ref.VAE[float64]{
		Side: core.ImageSide, Latent: config.Latent, Hidden: config.Hidden, Encoder: config.Encoder, Decoder: config.Decoder,
		Params: map[string][]float64{},
	}
	for _, tensor := range m.Tensors() {
		v.Params[tensor.Name] = widen(tensor.Data)
	}
	x32, eps32 := c.batch(inputs, 0)
	x, eps := widen(x32), widen(eps32)
	o := ref.Objective{Seed: c.objective.Name == nn.Seed, Beta: c.objective.Beta}

	a := v.Forward(x, eps, c.size, o)
	for name, y := range map[string][]float64{
		"enc/conv1": a.Conv[0], "enc/conv2": a.Conv[1], "enc/conv3": a.Conv[2], "enc/conv4": a.Conv[3],
		"enc/dense": a.Hidden, "enc/z_mean": a.Mean, "enc/z_log_var": a.LogVar, "z": a.Z,
		"dec/dense": a.DecoderIn, "dec/deconv": a.Deconv, "dec/conv": a.Probability,
	} {
		w.check(t, "output", g, c.name+"/output/"+name, narrow(y), nil, outputTolerance)
	}
	l, grads := v.Gradient(x, eps, c.size, o)
	got := c.losses(core.Losses{Reconstruction: l.Reconstruction, KL: l.KL})
	w.check(t, "loss", g, c.name+"/loss", got, nil, outputTolerance)
	for name, grad := range grads {
		w.check(t, "gradient", g, c.name+"/gradient/"+name, narrow(grad), nil, gradientTolerance)
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}
