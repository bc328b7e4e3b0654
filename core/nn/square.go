package nn

import "vaelab/core/kernel"

// square is one of the two 3×3 convolutions of stride 1 between images of 14×14, where
// two thirds of a step's arithmetic is. It goes by Winograd's algorithm where the
// channels fill the tiles, directly elsewhere, for all images of a slice together.
type square struct {
	in, out  kernel.Plane
	winograd bool
	tiles    int       // of one image
	v        []float32 // the transformed input, kept from the forward pass for the filter gradient
}

// squareScratch is what the layers share.
type squareScratch struct {
	m, dm, dv []float32 // transformed outputs, gradients, and gradients as inputs
	filter    []float32
}

func newSquare(in, out kernel.Plane) square {
	return square{in: in, out: out, winograd: kernel.WinogradFits(in.C, out.C), tiles: kernel.WinogradTiles(in)}
}

// sizes returns how long v must be, and how long the parts of the scratch, for n images.
func (l *square) sizes(n int) (v, array, filter int) {
	if !l.winograd {
		return 0, 0, kernel.FilterScratch(l.in, l.out, 1)
	}
	t := n * l.tiles
	return kernel.WinogradSize(t, l.in.C), kernel.WinogradSize(t, max(l.in.C, l.out.C)), 36 * l.in.C * l.out.C
}

// forward computes dst[i] = max(0, conv(src[i])) for n images, into planes dp.
func (l *square) forward(s *squareScratch, k *squarePacked, bias []float32, src, dst [][]float32, dp kernel.Plane, n int) {
	if !l.winograd {
		for i := range n {
			kernel.Conv(dst[i], dp, src[i], l.in, k.direct, bias, 1, kernel.ReLU)
		}
		return
	}
	t := n * l.tiles
	for i := range n {
		kernel.WinogradInput(l.v, t, i*l.tiles, src[i], l.in)
	}
	kernel.WinogradMultiply(s.m, l.v, k.winograd, t, l.in.C, l.out.C)
	for i := range n {
		kernel.WinogradOutput(dst[i], dp, s.m, t, i*l.tiles, bias, kernel.ReLU)
	}
}

// backward adds the layer's gradient to g, given the gradients dy of its outputs, and
// writes those of its inputs x, which are outputs of ReLUs, to dx.
func (l *square) backward(s *squareScratch, k *squarePacked, g *Layer, x, dy, dx [][]float32, n int) {
	for i := range n {
		kernel.BiasFilter(g.Bias, dy[i], l.out)
	}
	if !l.winograd {
		for i := range n {
			kernel.ConvFilter(g.Kernel, x[i], l.in, dy[i], l.out, 1, s.filter)
			kernel.Conv(dx[i], l.in, dy[i], l.out, k.directBack, nil, 1, kernel.Linear)
			gateImage(dx[i], l.in, x[i], l.in)
		}
		return
	}
	t := n * l.tiles
	for i := range n {
		kernel.WinogradGradient(s.dm, t, i*l.tiles, dy[i], l.out)
		kernel.WinogradInput(s.dv, t, i*l.tiles, dy[i], l.out)
	}
	kernel.WinogradFilter(g.Kernel, l.v, s.dm, t, l.in.C, l.out.C, s.filter)
	kernel.WinogradMultiply(s.m, s.dv, k.winogradBack, t, l.out.C, l.in.C)
	for i := range n {
		kernel.WinogradOutput(dx[i], l.in, s.m, t, i*l.tiles, nil, kernel.Linear)
		gateImage(dx[i], l.in, x[i], l.in)
	}
}

// squarePacked is the layer's kernel as the tiles want it: directly, and by Winograd
// where the layer goes that way, forwards and backwards.
type squarePacked struct {
	in, out                int
	direct, directBack     []float32
	winograd, winogradBack []float32
}

func newSquarePacked(in, out int, room func(int) []float32) squarePacked {
	k := squarePacked{in: in, out: out, direct: room(kernel.PackedSize(9*in, out)), directBack: room(kernel.PackedSize(9*out, in))}
	if kernel.WinogradFits(in, out) {
		k.winograd, k.winogradBack = room(36*in*out), room(36*in*out)
	}
	return k
}

func (k *squarePacked) pack(w []float32) {
	kernel.PackConv(k.direct, w, k.in, k.out)
	if k.winograd != nil {
		kernel.WinogradPack(k.winograd, k.direct, k.in, k.out)
	}
}

func (k *squarePacked) packBack(w []float32) {
	kernel.PackConvBackward(k.directBack, w, k.in, k.out)
	if k.winograd != nil {
		kernel.WinogradPack(k.winogradBack, k.directBack, k.out, k.in)
	}
}
