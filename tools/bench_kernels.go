package main

import (
	"math/rand/v2"

	"vaelab/core"
	"vaelab/core/kernel"
)

// denseRows is how many images share a pass through a dense layer, as in training.
const denseRows = 4

// kernelBench makes the buffers of kernel calls as the layers make them.
type kernelBench struct {
	r   *rand.Rand
	all []benchSubject
}

// add appends a subject that works on one image.
func (b *kernelBench) add(name string, macs, images float64, run func()) {
	b.all = append(b.all, benchSubject{
		group: groupKernel, name: name, threads: 1, images: images, flop: 2 * macs * images,
		run: func() error { run(); return nil },
	})
}

// buffer returns n small random values with the slack that kernels ask for.
func (b *kernelBench) buffer(n int) []float32 {
	all := make([]float32, n+kernel.Slack)
	for i := range all[:n] {
		all[i] = b.r.Float32() - .5
	}
	return all[:n]
}

// image is buffer for a plane, whose border is zero.
func (b *kernelBench) image(p kernel.Plane) []float32 {
	all := make([]float32, p.Size()+kernel.Slack)
	for y := range p.H {
		row := all[p.Origin()+y*p.Pitch():][:p.W*p.C]
		for i := range row {
			row[i] = b.r.Float32() - .5
		}
	}
	return all[:p.Size()]
}

// kernelSubjects is every layer's passes, on one image and one thread: forward,
// gradient of the input (back), gradient of the kernel (filter).
func kernelSubjects(c core.Config) []benchSubject {
	b := &kernelBench{r: rand.New(rand.NewPCG(1, 1))}
	w := workOf(c)
	b.conv1(c, w.conv[0])
	b.conv2(c, w.conv[1])
	b.conv("conv3", c.Encoder[1], c.Encoder[2], w.conv[2])
	b.conv("conv4", c.Encoder[2], c.Encoder[3], w.conv[3])
	b.dense(c, w.dense)
	b.deconv(c, w.deconv)
	b.outConv(c, w.outConv)
	return b.all
}

const (
	fullSide = core.ImageSide
	halfSide = core.ImageSide / 2
)

func (b *kernelBench) conv1(c core.Config, macs float64) {
	out := c.Encoder[0]
	xp := kernel.Plane{H: fullSide, W: fullSide, C: 1, Before: 1, After: 1}
	yp := kernel.Plane{H: fullSide, W: fullSide, C: out, After: 1}
	x, y, w, bias := b.image(xp), b.image(yp), b.buffer(9*out), b.buffer(out)
	packed := b.buffer(kernel.PackedSize(9, out))
	kernel.PackConv(packed, w, 1, out)
	b.add("conv1 forward", macs, 1, func() { kernel.ThinConv(y, yp, x, xp, packed, bias, kernel.ReLU) })
	b.add("conv1 filter", macs, 1, func() { kernel.ThinFilter(w, x, xp, y, yp) })
}

func (b *kernelBench) conv2(c core.Config, macs float64) {
	in, out := c.Encoder[0], c.Encoder[1]
	xp := kernel.Plane{H: fullSide, W: fullSide, C: in, After: 1}
	yp := kernel.Plane{H: halfSide, W: halfSide, C: out, Before: 1, After: 1}
	x, dx, y, dy := b.image(xp), b.image(xp), b.image(yp), b.image(yp)
	w, bias := b.buffer(9*in*out), b.buffer(out)
	packed, back := b.buffer(kernel.PackedSize(9*in, out)), b.buffer(kernel.TransposeSize(out, in))
	kernel.PackConv(packed, w, in, out)
	kernel.PackTranspose(back, w, out, in)
	b.add("conv2 forward", macs, 1, func() { kernel.Conv(y, yp, x, xp, packed, bias, 2, kernel.ReLU) })
	b.add("conv2 back", macs, 1, func() { kernel.ConvTranspose(dx, xp, dy, yp, back, nil, kernel.Linear) })
	scratch := b.buffer(kernel.FilterScratch(xp, yp, 2))
	b.add("conv2 filter", macs, 1, func() { kernel.ConvFilter(w, x, xp, dy, yp, 2, scratch) })
}

func (b *kernelBench) conv(name string, in, out int, macs float64) {
	xp := kernel.Plane{H: halfSide, W: halfSide, C: in, Before: 1, After: 1}
	yp := kernel.Plane{H: halfSide, W: halfSide, C: out, Before: 1, After: 1}
	x, dx, y, dy := b.image(xp), b.image(xp), b.image(yp), b.image(yp)
	w, bias := b.buffer(9*in*out), b.buffer(out)
	packed, back := b.buffer(kernel.PackedSize(9*in, out)), b.buffer(kernel.PackedSize(9*out, in))
	kernel.PackConv(packed, w, in, out)
	kernel.PackConvBackward(back, w, in, out)
	b.add(name+" forward", macs, 1, func() { kernel.Conv(y, yp, x, xp, packed, bias, 1, kernel.ReLU) })
	b.add(name+" back", macs, 1, func() { kernel.Conv(dx, xp, dy, yp, back, nil, 1, kernel.Linear) })
	scratch := b.buffer(kernel.FilterScratch(xp, yp, 1))
	b.add(name+" filter", macs, 1, func() { kernel.ConvFilter(w, x, xp, dy, yp, 1, scratch) })
}

func (b *kernelBench) dense(c core.Config, macs float64) {
	const rows = denseRows
	k, n := halfSide*halfSide*c.Encoder[3], c.Hidden
	x, dx, y, dy := b.buffer(rows*k), b.buffer(rows*k), b.buffer(rows*n), b.buffer(rows*n)
	w, dw, bias, back := b.buffer(k*n), b.buffer(k*n), b.buffer(n), b.buffer(kernel.PackedSize(n, k))
	kernel.PackTransposed(back, w, k, n)
	b.add("dense forward", macs, rows, func() { kernel.Dense(y, x, w, bias, rows, k, n, kernel.ReLU) })
	b.add("dense back", macs, rows, func() { kernel.DenseBackward(dx, dy, back, rows, k, n) })
	b.add("dense filter", macs, rows, func() { kernel.DenseFilter(dw, x, dy, rows, k, n) })
}

func (b *kernelBench) deconv(c core.Config, macs float64) {
	in, out := c.Encoder[3], c.Decoder
	xp := kernel.Plane{H: halfSide, W: halfSide, C: in, Before: 1}
	yp := kernel.Plane{H: fullSide, W: fullSide, C: out, Before: 1, After: 1}
	dyp := kernel.Plane{H: fullSide, W: fullSide, C: out, After: 1}
	dxp := kernel.Plane{H: halfSide, W: halfSide, C: in}
	x, dx, y, dy := b.image(xp), b.image(dxp), b.image(yp), b.image(dyp)
	w, bias := b.buffer(9*in*out), b.buffer(out)
	packed, back := b.buffer(kernel.TransposeSize(in, out)), b.buffer(kernel.PackedSize(9*out, in))
	kernel.PackTranspose(packed, w, in, out)
	kernel.PackConv(back, w, out, in)
	b.add("deconv forward", macs, 1, func() { kernel.ConvTranspose(y, yp, x, xp, packed, bias, kernel.ReLU) })
	b.add("deconv back", macs, 1, func() { kernel.Conv(dx, dxp, dy, dyp, back, nil, 2, kernel.Linear) })
	scratch := b.buffer(kernel.FilterScratch(dyp, xp, 2))
	b.add("deconv filter", macs, 1, func() { kernel.ConvFilter(w, dy, dyp, x, xp, 2, scratch) })
}

func (b *kernelBench) outConv(c core.Config, macs float64) {
	in := c.Decoder
	xp := kernel.Plane{H: fullSide, W: fullSide, C: in, Before: 1, After: 1}
	dxp := kernel.Plane{H: fullSide, W: fullSide, C: in, After: 1}
	yp := kernel.Plane{H: fullSide, W: fullSide, C: 1, Before: 1, After: 1}
	x, dx, dy, y := b.image(xp), b.image(dxp), b.image(yp), b.buffer(core.ImagePixels)
	w, dw, back := b.buffer(9*in), b.buffer(9*in), b.buffer(kernel.PackedSize(9, in))
	kernel.PackConvBackward(back, w, in, 1)
	b.add("out forward", macs, 1, func() { kernel.ThinOut(y, x, xp, w, 0) })
	b.add("out back", macs, 1, func() { kernel.ThinConv(dx, dxp, dy, yp, back, nil, kernel.Linear) })
	b.add("out filter", macs, 1, func() { kernel.ThinFilter(dw, dy, yp, x, xp) })
}
