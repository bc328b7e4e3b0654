package kernel

import (
	"unsafe"

	"vaelab/core/kernel/lane"
)

// The 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): 36 multiplications for
// 16 outputs instead of 144. A pass over a slice of images is
//
//	WinogradInput for each image → WinogradMultiply → WinogradOutput for each image
//
// with kernels from WinogradPack; the filter gradient takes the transformed input again:
//
//	WinogradGradient for each image → WinogradFilter
//
// Transformed arrays are 36 positions × tiles × channels, all images' tiles together.

const positions = 36

// WinogradFits says whether a layer can go this way: its channels must fill whole
// panels, and the four rows of a filter gradient's tile.
func WinogradFits(in, out int) bool {
	n := max(4, panel())
	return !direct && in%n == 0 && out%n == 0
}

var direct bool

// Direct switches Winograd's algorithm off or on again for what is made from now on:
// for tests and benchmarks that compare the two.
func Direct(on bool) { direct = on }

// WinogradAfter is the border behind an image that [WinogradInput] reads.
func WinogradAfter(side int) int { return (side+3)/4*4 - side + 1 }

// WinogradTiles is the number of tiles of an image.
func WinogradTiles(p Plane) int { return (p.H + 3) / 4 * ((p.W + 3) / 4) }

// WinogradSize is the number of floats of a transformed array.
func WinogradSize(tiles, channels int) int { return positions * tiles * channels }

// WinogradPack transforms a kernel that [PackConv] or [PackConvBackward] packed, from
// in to out channels as the convolution sees them.
func WinogradPack(dst, packed []float32, in, out int) {
	if len(dst) < positions*in*out || len(packed) < 9*in*out || !WinogradFits(in, out) {
		panic("kernel: WinogradPack: a buffer is too short")
	}
	for o := 0; o < out; o += panel() {
		winogradKernel(unsafe.Pointer(&dst[o*in]), bytes(in*out), unsafe.Pointer(&packed[o*9*in]), in)
	}
}

func winograd(image []float32, p Plane, origin int, array []float32, tiles, first, after int) lane.Winograd {
	p.check(image)
	own := WinogradTiles(p)
	if len(array) < WinogradSize(tiles, p.C) || first+own > tiles || p.C%width != 0 || p.After < after {
		panic("kernel: a Winograd transform does not fit")
	}
	return lane.Winograd{
		Image: p.at(image, origin, origin), Pix: bytes(p.C), Row: bytes(p.Pitch()),
		Tiles: unsafe.Pointer(&array[first*p.C]), Pos: bytes(tiles * p.C),
		TilesX: (p.W + 3) / 4, TilesY: (p.H + 3) / 4, W: p.W, H: p.H, Cols: p.C,
	}
}

// WinogradInput transforms an image into tiles first, first+1 … of v. The image needs a
// border of one pixel before and [WinogradAfter] behind.
func WinogradInput(v []float32, tiles, first int, src []float32, sp Plane) {
	if sp.Before < 1 {
		panic("kernel: WinogradInput: the image has no border before")
	}
	g := winograd(src, sp, -1, v, tiles, first, max(WinogradAfter(sp.H), WinogradAfter(sp.W)))
	winogradInput(&g)
}

// WinogradMultiply multiplies every position's tiles by its kernel: m = v · u.
func WinogradMultiply(m, v, u []float32, tiles, in, out int) {
	if len(m) < WinogradSize(tiles, out) || len(v) < WinogradSize(tiles, in) || len(u) < positions*in*out || !WinogradFits(in, out) {
		panic("kernel: WinogradMultiply: a buffer is too short")
	}
	n := panel()
	g := lane.Conv{
		APix: bytes(in), CPix: bytes(out), Bias: unsafe.Pointer(&zeros[0]), Floor: Linear,
		W: tiles, H: 1, Segs: 1, K: in, Cols: n,
	}
	for p := range positions {
		g.A = unsafe.Pointer(&v[p*tiles*in])
		for o := 0; o < out; o += n {
			g.B = unsafe.Pointer(&u[(p*out+o)*in])
			g.C = unsafe.Pointer(&m[p*tiles*out+o])
			conv(&g)
		}
	}
}

// WinogradOutput transforms tiles of m back into an image, adds the bias (nil for
// none) and clamps from below by floor.
func WinogradOutput(dst []float32, dp Plane, m []float32, tiles, first int, bias []float32, floor float32) {
	g := winograd(dst, dp, 0, m, tiles, first, 0)
	if bias == nil {
		bias = zeros[:]
	}
	if len(bias) < dp.C {
		panic("kernel: WinogradOutput: bias is too short")
	}
	g.Bias, g.Floor = unsafe.Pointer(&bias[0]), floor
	winogradOutput(&g)
}

// WinogradGradient transforms the gradient of an output into tiles of dm. It needs
// the border of the last tile behind it, zero.
func WinogradGradient(dm []float32, tiles, first int, dy []float32, dp Plane) {
	g := winograd(dy, dp, 0, dm, tiles, first, max(WinogradAfter(dp.H), WinogradAfter(dp.W))-1)
	winogradGradient(&g)
}

// WinogradFilter adds to dw (HWIO) the kernel's gradient over all tiles, from the
// transformed input v and gradient dm. scratch holds 36·in·out floats.
func WinogradFilter(dw, v, dm []float32, tiles, in, out int, scratch []float32) {
	if len(dw) < 9*in*out || len(v) < WinogradSize(tiles, in) || len(dm) < WinogradSize(tiles, out) || len(scratch) < positions*in*out || !WinogradFits(in, out) {
		panic("kernel: WinogradFilter: a buffer is too short")
	}
	n := panel()
	g := lane.Filter{APix: bytes(in), BPix: bytes(out), CRow: bytes(out), W: tiles, H: 1, Rows: 4, Cols: n, Overwrite: true}
	for p := range positions {
		for o := 0; o < out; o += n {
			g.B = unsafe.Pointer(&dm[p*tiles*out+o])
			for c := 0; c < in; c += 4 {
				g.A = unsafe.Pointer(&v[p*tiles*in+c])
				g.C = unsafe.Pointer(&scratch[(p*in+c)*out+o])
				filter(&g)
			}
		}
	}
	winogradFilter(unsafe.Pointer(&dw[0]), bytes(in*out), unsafe.Pointer(&scratch[0]), bytes(in*out), in*out)
}
