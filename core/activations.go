package core

import "vaelab/core/nn"

// Activations is package nn's: see there for the shapes.
type Activations = nn.Activations

// Activations runs one image (784 bytes) through the whole model, with the noise eps
// (Latent values) and the sampling rule of o, and returns the output of every layer and
// the image's losses in nats.
func (m *Model) Activations(pixels []byte, eps []float32, o Objective) (Activations, Losses) {
	m.checkLen("pixels", len(pixels), ImagePixels, 1)
	m.checkLen("eps", len(eps), m.config.Latent, 1)
	m.prepare(false)
	w := m.spaces[0]
	w.SetImage(0, pixels)
	copy(w.Eps(0), eps)
	w.Encode(m.params, m.packed, 1)
	losses := w.Score(m.params, m.packed, o, 1)
	return w.Activations(), losses
}
