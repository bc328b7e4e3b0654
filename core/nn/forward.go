package nn

import (
	"math"

	"vaelab/core/kernel"
)

// Encode runs the encoder over the first n images that were set: means and
// log-variances are in [Workspace.Posterior] then.
func (w *Workspace) Encode(p *Params, k *Packed, n int) {
	d := w.dims
	flat := d.flat()
	for i := range n {
		kernel.ThinConv(w.a1[i], w.p1, w.x[i], w.px, k.conv1, p.Conv[0].Bias, kernel.ReLU)
		kernel.Conv(w.a2[i], w.p2, w.a1[i], w.p1, k.conv2, p.Conv[1].Bias, 2, kernel.ReLU)
	}
	w.conv3.forward(&w.square, &k.square[0], p.Conv[2].Bias, w.a2, w.a3, w.p3, n)
	dense := kernel.Plane{H: half, W: half, C: w.p4.C}
	w.conv4.forward(&w.square, &k.square[1], p.Conv[3].Bias, w.a3, w.a4s, dense, n)
	kernel.Dense(w.hidden, w.a4, p.Dense.Kernel, p.Dense.Bias, n, flat, d.Hidden, kernel.ReLU)
	kernel.Dense(w.mean, w.hidden, p.Mean.Kernel, p.Mean.Bias, n, d.Hidden, d.Latent, kernel.Linear)
	kernel.Dense(w.logVar, w.hidden, p.LogVar.Kernel, p.LogVar.Bias, n, d.Hidden, d.Latent, kernel.Linear)
}

// Reparameterise sets z = μ + exp(c·lv)·ε for n images, c = 1 for the seed's
// sampling and ½ for the right one (Kingma & Welling 2014, §2.4).
func (w *Workspace) Reparameterise(o Objective, n int) {
	c := o.noiseScale()
	for i := range n * w.dims.Latent {
		w.z[i] = float32(float64(w.mean[i]) + float64(math.Exp(c*float64(w.logVar[i]))*float64(w.eps[i])))
	}
}

// DecodeHidden runs the decoder's dense layer over n latent points; [Workspace.DecodeImage]
// takes one of them further.
func (w *Workspace) DecodeHidden(p *Params, n int) {
	flat := w.dims.flat()
	kernel.Dense(w.flat, w.z, p.DecDense.Kernel, p.DecDense.Bias, n, w.dims.Latent, flat, kernel.ReLU)
	row := half * w.pu.C
	for i := range n {
		for y := range half {
			copy(w.u[i][w.pu.Origin()+y*w.pu.Pitch():][:row], w.flat[i*flat+y*row:])
		}
	}
}

// DecodeImage runs the decoder's convolutions for image i and returns its 784
// logits, which the next call overwrites.
func (w *Workspace) DecodeImage(p *Params, k *Packed, i int) []float32 {
	kernel.ConvTranspose(w.v, w.pv, w.u[i], w.pu, k.deconv, p.Deconv.Bias, kernel.ReLU)
	kernel.ThinOut(w.logits, w.v, w.pv, p.Out.Kernel, p.Out.Bias[0])
	return w.logits
}

// Sigmoid writes 1 / (1 + exp(−x)) to dst.
func Sigmoid(dst, logits []float32) {
	for i, l := range logits {
		dst[i] = float32(1 / (1 + math.Exp(-float64(l))))
	}
}
