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
func ConvFilter(dw []float32, src []float32, sp Plane, dy []float32, dp Plane, stride int) {
	dp.check(dy)
	sp.check(src)
	before := 2 - stride
	if stride < 1 || stride > 2 || sp.H != stride*dp.H || sp.W != stride*dp.W || sp.Before < before || sp.After < 1 {
		panic("kernel: ConvFilter: planes do not fit the stride")
	}
	if len(dw) < 9*sp.C*dp.C {
		panic("kernel: ConvFilter: gradient is too short")
	}
	n := panel()
	g := lane.Filter{
		APix: bytes(stride * sp.C), ARow: bytes(stride * sp.Pitch()),
		BPix: bytes(dp.C), BRow: bytes(dp.Pitch()),
		CRow: bytes(dp.C), W: dp.W,
	}
	// A block of rows of dy stays in the first-level cache while all taps pass over it.
	rows := filterRows(dp)
	for y := 0; y < dp.H; y += rows {
		g.H = min(rows, dp.H-y)
		for o := 0; o < dp.C; o += n {
			g.Cols = min(n, dp.C-o)
			g.B = unsafe.Add(dp.at(dy, y, 0), 4*o)
			for tap := range 9 {
				a := sp.at(src, stride*y+tap/3-before, tap%3-before)
				for c := 0; c < sp.C; c += 4 {
					g.Rows = min(4, sp.C-c)
					g.A = unsafe.Add(a, 4*c)
					g.C = unsafe.Pointer(&dw[(tap*sp.C+c)*dp.C+o])
					filter(&g)
				}
			}
		}
	}
}

// filterRows is the number of rows that a filter gradient takes at a time.
func filterRows(dp Plane) int {
	if width < 16 {
		return dp.H
	}
	return max(1, 98/dp.W)
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
