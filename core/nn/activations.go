package nn

import "vaelab/core/kernel"

// Activations are the outputs of the layers for one image, after the ReLU where a
// layer has one, row-major and without borders.
type Activations struct {
	Conv         [4][]float32 // 28×28×e₀, then 14×14×e₁, e₂, e₃
	Hidden       []float32    // hidden
	Mean, LogVar []float32    // latent
	Z            []float32    // latent
	DecoderIn    []float32    // 14×14×e₃
	Deconv       []float32    // 28×28×decoder
	Probability  []float32    // 28×28
}

// Activations copies what the last [Workspace.Encode] and [Workspace.Score] of one
// image, the first, left behind.
func (w *Workspace) Activations() Activations {
	l := w.dims.Latent
	a := Activations{
		Conv: [4][]float32{
			inside(w.a1[0], w.p1), inside(w.a2[0], w.p2), inside(w.a3[0], w.p3),
			clone(w.a4s[0]), // it has no border: the dense layer reads it
		},
		Hidden: clone(w.hidden[:w.dims.Hidden]),
		Mean:   clone(w.mean[:l]), LogVar: clone(w.logVar[:l]), Z: clone(w.z[:l]),
		DecoderIn:   clone(w.flat[:w.dims.flat()]),
		Deconv:      inside(w.v, w.pv),
		Probability: make([]float32, Pixels),
	}
	Sigmoid(a.Probability, w.logits)
	return a
}

// inside copies an image without its border.
func inside(data []float32, p kernel.Plane) []float32 {
	row := p.W * p.C
	out := make([]float32, 0, p.H*row)
	for y := range p.H {
		out = append(out, data[p.Origin()+y*p.Pitch():][:row]...)
	}
	return out
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }
