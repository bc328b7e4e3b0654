package kernel

import (
	"unsafe"

	"vaelab/core/kernel/lane"
)

// ConvFilter adds to dw (HWIO) the gradient of a [Conv] with respect to its kernel:
//
//	dw[ky,kx,c,o] += Σ_y Σ_x src[s·y+ky−b, s·x+kx−b, c] · dy[y,x,o]
//
// For a [ConvTranspose] src is the gradient of its output, dy its input, stride 2.
// scratch holds [FilterScratch] floats, where both are laid out as the tiles read
// them: four channels of src, and a panel of dy, side by side for all pixels. One
// tap then reads 3 KB of src and one panel of dy, which stays in the first-level cache.
func ConvFilter(dw []float32, src []float32, sp Plane, dy []float32, dp Plane, stride int, scratch []float32) {
	dp.check(dy)
	sp.check(src)
	before := 2 - stride
	if stride < 1 || stride > 2 || sp.H != stride*dp.H || sp.W != stride*dp.W || sp.Before < before || sp.After < 1 {
		panic("kernel: ConvFilter: planes do not fit the stride")
	}
	if len(dw) < 9*sp.C*dp.C || len(scratch) < FilterScratch(sp, dp, stride) {
		panic("kernel: ConvFilter: a buffer is too short")
	}
	l := filterLayout(dp, stride)
	groups := (sp.C + 3) / 4
	as, bs := scratch, scratch[groups*l.group:]
	l.packSource(as, src, sp, stride, before, groups)
	packPanels(bs, dy, dp)

	n := panel()
	g := lane.Filter{ARow: bytes(stride * l.row), CRow: bytes(dp.C), W: dp.W, H: dp.H}
	for o := 0; o < dp.C; o += n {
		g.Cols = min(n, dp.C-o)
		g.B = unsafe.Pointer(&bs[o*dp.H*dp.W])
		for tap := range 9 {
			ky, kx := tap/3, tap%3
			at := ky*l.row + l.column[kx]
			for c := 0; c < sp.C; c += 4 {
				g.Rows = min(4, sp.C-c)
				g.A = unsafe.Pointer(&as[c/4*l.group+at])
				g.C = unsafe.Pointer(&dw[(tap*sp.C+c)*dp.C+o])
				filterPacked(&g)
			}
		}
	}
}

// FilterScratch is the number of floats of scratch space that [ConvFilter] needs.
func FilterScratch(sp, dp Plane, stride int) int {
	p := panel()
	return (sp.C+3)/4*filterLayout(dp, stride).group + dp.H*dp.W*((dp.C+p-1)/p*p)
}

// sourceLayout is how [ConvFilter] lays out four channels of src: rows of columns
// of four floats. For stride 2 the even columns come first, then the odd ones, so
// that neighbours in a tap's walk are neighbours in memory.
type sourceLayout struct {
	rows, row, group int
	column           [3]int // where the walk of tap kx begins in a row
	even, odd        int    // columns; odd is 0 for stride 1
}

func filterLayout(dp Plane, stride int) (l sourceLayout) {
	if stride == 1 {
		l.even, l.column = dp.W+2, [3]int{0, 4, 8}
	} else {
		l.even, l.odd = dp.W+1, dp.W
		l.column = [3]int{0, 4 * l.even, 4}
	}
	l.rows = stride*(dp.H-1) + 3
	l.row = 4 * (l.even + l.odd)
	l.group = l.rows * l.row
	return l
}

func (l sourceLayout) packSource(dst, src []float32, sp Plane, stride, before, groups int) {
	for r := range l.rows {
		row := sp.at(src, r-before, -before)
		for half := range stride {
			columns := l.even
			at := r * l.row
			if half == 1 {
				columns, at = l.odd, at+4*l.even
			}
			for c := range columns {
				pixel := unsafe.Add(row, 4*(c*stride+half)*sp.C)
				d := unsafe.Pointer(&dst[at+4*c])
				for range groups {
					*(*[4]float32)(d) = *(*[4]float32)(pixel)
					pixel, d = unsafe.Add(pixel, 16), unsafe.Add(d, 4*l.group)
				}
			}
		}
	}
}

// packPanels lays out the pixels of an image panel by panel.
func packPanels(dst, src []float32, p Plane) {
	n := panel()
	size := p.H * p.W * n
	for y := range p.H {
		row := src[p.Origin()+y*p.Pitch():][:p.W*p.C]
		for x := range p.W {
			pixel := row[x*p.C : (x+1)*p.C]
			d := (y*p.W + x) * n
			for len(pixel) > 0 {
				k := copy(dst[d:d+n], pixel)
				pixel = pixel[k:]
				d += size
			}
		}
	}
}

// BiasFilter adds to db the gradient with respect to a bias: db[o] += Σ_y Σ_x dy[y,x,o].
func BiasFilter(db []float32, dy []float32, dp Plane) {
	dp.check(dy)
	if len(db) < dp.C {
		panic("kernel: BiasFilter: gradient is too short")
	}
	biasFilter(&lane.Filter{
		B: dp.at(dy, 0, 0), BPix: bytes(dp.C), BRow: bytes(dp.Pitch()),
		C: unsafe.Pointer(&db[0]), W: dp.W, H: dp.H, Cols: dp.C,
	})
}

// ThinConv is [Conv] with stride 1 for an image of one channel; w is packed by [PackConv].
func ThinConv(dst []float32, dp Plane, src []float32, sp Plane, packed, bias []float32, floor float32) {
	dp.check(dst)
	sp.check(src)
	if sp.C != 1 || sp.H != dp.H || sp.W != dp.W || sp.Before < 1 || sp.After < 1 {
		panic("kernel: ThinConv: planes do not fit")
	}
	if bias == nil {
		bias = zeros[:]
	}
	n := panel()
	g := lane.Thin{
		A: sp.at(src, -1, -1), APix: 4, ARow: bytes(sp.Pitch()), ASeg: bytes(sp.Pitch()),
		CPix: bytes(dp.C), CRow: bytes(dp.Pitch()), W: dp.W, H: dp.H, Floor: floor,
	}
	for o := 0; o < dp.C; o += n {
		g.Cols = min(n, dp.C-o)
		g.B = unsafe.Pointer(&packed[o*9])
		g.C = unsafe.Add(dp.at(dst, 0, 0), 4*o)
		g.Bias = unsafe.Pointer(&bias[o])
		thin(&g)
	}
}

// ThinFilter adds to dw[9][C] the gradient of a [ThinConv] with respect to its
// kernel: dw[ky,kx,o] += Σ_y Σ_x src[y+ky−1, x+kx−1] · dy[y,x,o].
func ThinFilter(dw []float32, src []float32, sp Plane, dy []float32, dp Plane) {
	dp.check(dy)
	sp.check(src)
	if sp.C != 1 || sp.H != dp.H || sp.W != dp.W || sp.Before < 1 || sp.After < 1 || len(dw) < 9*dp.C {
		panic("kernel: ThinFilter: planes do not fit")
	}
	n := panel()
	g := lane.Filter{
		APix: 4, ARow: bytes(sp.Pitch()), BPix: bytes(dp.C), BRow: bytes(dp.Pitch()),
		CRow: bytes(dp.C), W: dp.W, H: dp.H, Rows: 3,
	}
	for o := 0; o < dp.C; o += n {
		g.Cols = min(n, dp.C-o)
		g.B = unsafe.Add(dp.at(dy, 0, 0), 4*o)
		for ky := range 3 {
			// The three taps of a row are three neighbouring floats of src: one tile.
			g.A = sp.at(src, ky-1, -1)
			g.C = unsafe.Pointer(&dw[ky*3*dp.C+o])
			filter(&g)
		}
	}
}

// ThinOut is the 3×3 'same' convolution of stride 1 to one channel: dst is H·W
// floats, w the HWIO kernel [3 3 C 1] as it is.
func ThinOut(dst []float32, src []float32, sp Plane, w []float32, bias float32) {
	sp.check(src)
	if sp.Before < 1 || sp.After < 1 || len(dst) < sp.H*sp.W || len(w) < 9*sp.C {
		panic("kernel: ThinOut: planes do not fit")
	}
	dots(&lane.Dots{
		A: sp.at(src, -1, -1), APix: bytes(sp.C), ARow: bytes(sp.Pitch()), ASeg: bytes(sp.Pitch()),
		B: unsafe.Pointer(&w[0]), C: unsafe.Pointer(&dst[0]), Bias: bias,
		W: sp.W, H: sp.H, Segs: 3, K: 3 * sp.C,
	})
}
