package nn

import (
	"math"

	"vaelab/core/kernel"
)

// Gradient runs n images forwards and backwards, images and noise having been
// set, and adds their share of the gradient of the mean loss over a batch of
// the given size to g. It returns their losses, summed.
//
// Sums over the n images are part of the bits of g: whoever computes a shard cuts it
// into the same calls.
func (w *Workspace) Gradient(p *Params, k *Packed, g *Params, o Objective, n, batch int) (sum Losses) {
	w.Encode(p, k, n)
	w.Reparameterise(o, n)
	w.DecodeHidden(p, n)
	reconstruction, kl := o.weights(w.dims.Latent)
	for i := range n {
		w.DecodeImage(p, k, i)
		sum.Reconstruction += w.crossEntropy(i, true, reconstruction/float64(batch))
		sum.KL += w.kl(i)
		w.decoderImageBackward(k, g, i)
	}
	w.denseBackward(p, k, g, o, n, kl/float64(batch))
	w.encoderBackward(k, g, n)
	return sum
}

// decoderImageBackward goes from dlogits to the gradient of the decoder's dense
// layer, which it leaves in flat.
func (w *Workspace) decoderImageBackward(k *Packed, g *Params, i int) {
	c := w.dims.Decoder
	kernel.BiasFilter(g.Out.Bias, w.dlogits, w.px)
	// Seen from the single channel the taps run the other way round.
	clear(w.outKernel)
	kernel.ThinFilter(w.outKernel, w.dlogits, w.px, w.v, w.pv)
	for tap := range 9 {
		kernel.Axpy(g.Out.Kernel[(8-tap)*c:(9-tap)*c], w.outKernel[tap*c:(tap+1)*c], 1)
	}
	kernel.ThinConv(w.dv, w.pdv, w.dlogits, w.px, k.outBack, nil, kernel.Linear)
	gateImage(w.dv, w.pdv, w.v, w.pv)
	kernel.BiasFilter(g.Deconv.Bias, w.dv, w.pdv)
	kernel.ConvFilter(g.Deconv.Kernel, w.dv, w.pdv, w.u[i], w.pu, 2, w.scratch)

	flat := w.dims.flat()
	du := w.flat[i*flat : (i+1)*flat]
	dense := kernel.Plane{H: half, W: half, C: w.pu.C}
	kernel.Conv(du, dense, w.dv, w.pdv, k.deconvBack, nil, 2, kernel.Linear)
	gateImage(du, dense, w.u[i], w.pu)
}

// denseBackward goes from flat through both halves' dense layers and the latent
// space, and leaves the gradient of the last convolution's output in flat.
func (w *Workspace) denseBackward(p *Params, k *Packed, g *Params, o Objective, n int, kl float64) {
	d := w.dims
	flat, l := d.flat(), d.Latent
	kernel.DenseFilter(g.DecDense.Kernel, w.z, w.flat, n, l, flat)
	addRows(g.DecDense.Bias, w.flat, n)

	c := o.noiseScale()
	for i := range n {
		dz := w.flat[i*flat : (i+1)*flat]
		for j := range l {
			at := i*l + j
			dz := float64(kernel.Dot(dz, p.DecDense.Kernel[j*flat:(j+1)*flat]))
			lv := float64(w.logVar[at])
			w.dmean[at] = float32(dz + float64(kl*float64(w.mean[at])))
			w.dlogVar[at] = float32(float64(dz*c*math.Exp(c*lv)*float64(w.eps[at])) + float64(kl*0.5*(math.Exp(lv)-1)))
		}
	}
	kernel.DenseFilter(g.Mean.Kernel, w.hidden, w.dmean, n, d.Hidden, l)
	addRows(g.Mean.Bias, w.dmean, n)
	kernel.DenseFilter(g.LogVar.Kernel, w.hidden, w.dlogVar, n, d.Hidden, l)
	addRows(g.LogVar.Bias, w.dlogVar, n)
	for i := range n {
		dm, dv := w.dmean[i*l:(i+1)*l], w.dlogVar[i*l:(i+1)*l]
		for h := range d.Hidden {
			row := h * l
			w.dhidden[i*d.Hidden+h] = kernel.Dot(dm, p.Mean.Kernel[row:row+l]) + kernel.Dot(dv, p.LogVar.Kernel[row:row+l])
		}
	}
	kernel.Gate(w.dhidden[:n*d.Hidden], w.dhidden, w.hidden)
	kernel.DenseFilter(g.Dense.Kernel, w.a4, w.dhidden, n, flat, d.Hidden)
	addRows(g.Dense.Bias, w.dhidden, n)
	kernel.DenseBackward(w.flat, w.dhidden, k.denseBack, n, flat, d.Hidden)
}

// encoderBackward goes from flat back through the four convolutions.
func (w *Workspace) encoderBackward(k *Packed, g *Params, n int) {
	dense := kernel.Plane{H: half, W: half, C: w.p4.C}
	row := half * w.p4.C
	for i := range n {
		flat := w.flat[i*dense.Size():]
		for y := range half {
			at := y * row
			kernel.Gate(w.d4[i][w.p4.Origin()+y*w.p4.Pitch():][:row], flat[at:at+row], w.a4s[i][at:at+row])
		}
	}
	w.conv4.backward(&w.square, &k.square[1], &g.Conv[3], w.a3, w.d4, w.d3, n)
	w.conv3.backward(&w.square, &k.square[0], &g.Conv[2], w.a2, w.d3, w.d2, n)
	for i := range n {
		kernel.BiasFilter(g.Conv[1].Bias, w.d2[i], w.p2)
		kernel.ConvFilter(g.Conv[1].Kernel, w.a1[i], w.p1, w.d2[i], w.p2, 2, w.scratch)
		kernel.ConvTranspose(w.d1, w.pd1, w.d2[i], w.p2, k.conv2Back, nil, kernel.Linear)
		gateImage(w.d1, w.pd1, w.a1[i], w.p1)

		kernel.BiasFilter(g.Conv[0].Bias, w.d1, w.pd1)
		kernel.ThinFilter(g.Conv[0].Kernel, w.x[i], w.px, w.d1, w.pd1)
	}
}

// gateImage zeroes the gradient d where the ReLU output y is not positive.
func gateImage(d []float32, dp kernel.Plane, y []float32, yp kernel.Plane) {
	n := dp.W * dp.C
	for r := range dp.H {
		row := d[dp.Origin()+r*dp.Pitch():][:n]
		kernel.Gate(row, row, y[yp.Origin()+r*yp.Pitch():][:n])
	}
}

// addRows adds n rows to dst.
func addRows(dst, rows []float32, n int) {
	for i := range n {
		kernel.Axpy(dst, rows[i*len(dst):(i+1)*len(dst)], 1)
	}
}
