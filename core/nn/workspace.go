package nn

import "vaelab/core/kernel"

// Workspace is the activations and gradients of up to n images on their way
// through the model: what one goroutine needs to compute. One allocation.
type Workspace struct {
	n    int
	dims Dims

	// Geometry of an image in each layer. The borders are what the next layer, or
	// the gradient of the previous one, reads as padding; they stay zero for good.
	px, p1, p2, p3, p4, pu, pv, pd1, pdv kernel.Plane

	// Kept for all n images from the forward to the backward pass.
	x, a1, a2, a3, u     [][]float32
	a4                   []float32   // n × flat, dense
	a4s                  [][]float32 // its images
	conv3, conv4         square
	hidden, mean, logVar []float32
	z, eps               []float32

	d2, d3, d4 [][]float32 // gradients of a2, a3 and a4
	square     squareScratch

	// Of one image at a time.
	v, dv, d1       []float32
	logits, dlogits []float32
	probability     []float32
	scratch         []float32 // what the filter gradients lay out for themselves
	outKernel       []float32 // [9 Decoder]: a filter gradient before its taps are turned round

	flat                    []float32 // n × flat: the decoder's first layer, then gradients
	dhidden, dmean, dlogVar []float32
}

// NewWorkspace allocates for up to n images.
func NewWorkspace(d Dims, n int) *Workspace {
	e := d.Encoder
	w := &Workspace{
		n: n, dims: d,
		px:  kernel.Plane{H: Side, W: Side, C: 1, Before: 1, After: 1},
		p1:  kernel.Plane{H: Side, W: Side, C: e[0], After: 1},
		p2:  kernel.Plane{H: half, W: half, C: e[1], Before: 1, After: kernel.WinogradAfter(half)},
		p3:  kernel.Plane{H: half, W: half, C: e[2], Before: 1, After: kernel.WinogradAfter(half)},
		p4:  kernel.Plane{H: half, W: half, C: e[3], Before: 1, After: kernel.WinogradAfter(half)},
		pu:  kernel.Plane{H: half, W: half, C: e[3], Before: 1},
		pv:  kernel.Plane{H: Side, W: Side, C: d.Decoder, Before: 1, After: 1},
		pd1: kernel.Plane{H: Side, W: Side, C: e[0], After: 1},
		pdv: kernel.Plane{H: Side, W: Side, C: d.Decoder, After: 1},
	}
	var views []*[]float32
	var sizes []int
	want := func(v *[]float32, size int) { views, sizes = append(views, v), append(sizes, size) }
	images := func(v *[][]float32, p kernel.Plane) {
		*v = make([][]float32, n)
		for i := range *v {
			want(&(*v)[i], p.Size())
		}
	}
	images(&w.x, w.px)
	images(&w.a1, w.p1)
	images(&w.a2, w.p2)
	images(&w.a3, w.p3)
	images(&w.u, w.pu)
	want(&w.a4, n*d.flat())
	for _, v := range []*[]float32{&w.hidden, &w.dhidden} {
		want(v, n*d.Hidden)
	}
	for _, v := range []*[]float32{&w.mean, &w.logVar, &w.z, &w.eps, &w.dmean, &w.dlogVar} {
		want(v, n*d.Latent)
	}
	want(&w.v, w.pv.Size())
	want(&w.dv, w.pdv.Size())
	want(&w.d1, w.pd1.Size())
	images(&w.d2, w.p2)
	images(&w.d3, w.p3)
	images(&w.d4, w.p4)
	w.conv3, w.conv4 = newSquare(w.p2, w.p3), newSquare(w.p3, w.p4)
	v3, array3, filter3 := w.conv3.sizes(n)
	v4, array4, filter4 := w.conv4.sizes(n)
	want(&w.conv3.v, v3)
	want(&w.conv4.v, v4)
	for _, v := range []*[]float32{&w.square.m, &w.square.dm, &w.square.dv} {
		want(v, max(array3, array4))
	}
	want(&w.square.filter, max(filter3, filter4))
	want(&w.logits, Pixels)
	want(&w.probability, Pixels)
	want(&w.dlogits, w.px.Size())
	want(&w.outKernel, 9*d.Decoder)
	want(&w.scratch, max(
		kernel.FilterScratch(w.pdv, w.pu, 2),
		kernel.FilterScratch(w.p1, w.p2, 2)))
	want(&w.flat, n*d.flat())
	total := 0
	for _, s := range sizes {
		total += align(s)
	}
	arena := make([]float32, total+kernel.Slack)
	for i, v := range views {
		*v = arena[:sizes[i]:sizes[i]]
		arena = arena[align(sizes[i]):]
	}
	for i := range n {
		w.a4s = append(w.a4s, w.a4[i*d.flat():(i+1)*d.flat()])
	}
	return w
}

// align rounds up to a cache line of 16 floats.
func align(n int) int { return (n + 15) &^ 15 }

// Images is how many images fit.
func (w *Workspace) Images() int { return w.n }

// SetImage puts image i, 784 bytes, into the workspace, scaled to [0,1].
func (w *Workspace) SetImage(i int, pixels []byte) {
	for y := range Side {
		row := w.x[i][w.px.Origin()+y*w.px.Pitch():][:Side]
		for x, b := range pixels[y*Side : (y+1)*Side] {
			row[x] = float32(b) / 255
		}
	}
}

// SetPixels puts image i, 784 values in [0,1], into the workspace.
func (w *Workspace) SetPixels(i int, pixels []float32) {
	for y := range Side {
		copy(w.x[i][w.px.Origin()+y*w.px.Pitch():][:Side], pixels[y*Side:(y+1)*Side])
	}
}

// Eps is the noise of image i, to be filled before [Workspace.Reparameterise].
func (w *Workspace) Eps(i int) []float32 { return w.eps[i*w.dims.Latent:][:w.dims.Latent] }

// Z is the latent point of image i.
func (w *Workspace) Z(i int) []float32 { return w.z[i*w.dims.Latent:][:w.dims.Latent] }

// Posterior is the mean and the log-variance of image i.
func (w *Workspace) Posterior(i int) (mean, logVar []float32) {
	l := w.dims.Latent
	return w.mean[i*l:][:l], w.logVar[i*l:][:l]
}
