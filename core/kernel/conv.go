package kernel

import (
	"math"
	"unsafe"

	"vaelab/core/kernel/lane"
)

// Linear and ReLU are the lower bounds that a layer's output is clamped to.
var Linear = float32(math.Inf(-1))

const ReLU = float32(0)

// Conv is the 3×3 'same' cross-correlation of model.md, stride 1 or 2:
//
//	dst[y,x,o] = max(floor, bias[o] + Σ_ky Σ_kx Σ_c src[s·y+ky−b, s·x+kx−b, c] · w[ky,kx,c,o])
//
// with b = 1 for stride 1 (src needs a border of 1 and 1) and 0 for stride 2
// (src needs one pixel after). w is packed by [PackConv]; bias nil counts as zero.
//
// With w packed by [PackConvBackward] and stride 1 it is the gradient with
// respect to the input of such a convolution.
func Conv(dst []float32, dp Plane, src []float32, sp Plane, packed, bias []float32, stride int, floor float32) {
	dp.check(dst)
	sp.check(src)
	before := 2 - stride
	if stride < 1 || stride > 2 || sp.H != stride*dp.H || sp.W != stride*dp.W || sp.Before < before || sp.After < 1 {
		panic("kernel: Conv: planes do not fit the stride")
	}
	g := lane.Conv{
		A: sp.at(src, -before, -before), APix: bytes(stride * sp.C), ARow: bytes(stride * sp.Pitch()), ASeg: bytes(sp.Pitch()),
		C: dp.at(dst, 0, 0), CPix: bytes(dp.C), CRow: bytes(dp.Pitch()),
		W: dp.W, H: dp.H, Segs: 3, K: 3 * sp.C, Floor: floor,
	}
	panels(&g, packed, bias, dp.C)
}

// panels runs g for every panel of output channels. A wide panel of one kernel
// row fills the first-level cache, so wide tiles take one row at a time and keep
// the sums in dst in between; narrow ones take all rows at once.
func panels(g *lane.Conv, packed, bias []float32, channels int) {
	n := panel()
	depth := g.Segs * g.K
	if len(packed) < PackedSize(depth, channels) {
		panic("kernel: packed weights are too short")
	}
	if bias == nil {
		bias = zeros[:]
		if channels > len(zeros)-n {
			panic("kernel: too many channels")
		}
	} else if len(bias) < channels {
		panic("kernel: bias is too short")
	}
	segs, floor := g.Segs, g.Floor
	step := segs
	if width >= 8 {
		step = 1
	}
	a, c := g.A, g.C
	for o := 0; o < channels; o += n {
		g.Cols = min(n, channels-o)
		g.C = unsafe.Add(c, 4*o)
		for s := 0; s < segs; s += step {
			g.A = unsafe.Add(a, uintptr(s)*g.ASeg)
			g.B = unsafe.Pointer(&packed[o*depth+s*g.K*n])
			g.Segs = step
			g.Bias = nil
			if s == 0 {
				g.Bias = unsafe.Pointer(&bias[o])
			}
			g.Floor = Linear
			if s+step == segs {
				g.Floor = floor
			}
			conv(g)
		}
	}
	g.A, g.C, g.Segs, g.Floor = a, c, segs, floor
}

// zeros is the bias of a layer without one.
var zeros [1024 + 64]float32

// ConvTranspose is the 3×3 'same' transposed convolution of stride 2: along each axis
//
//	dst[2j] = src[j]·w0 + src[j−1]·w2,   dst[2j+1] = src[j]·w1
//
// plus bias, clamped from below by floor. src needs a border of one pixel before; w
// is packed by [PackTranspose]. It is the gradient of the strided [Conv] with
// respect to its input as well (bias nil, w the convolution's own HWIO kernel).
//
// The four parities of an output pixel see 4, 2, 2 and 1 taps: four dense convolutions.
func ConvTranspose(dst []float32, dp Plane, src []float32, sp Plane, packed, bias []float32, floor float32) {
	dp.check(dst)
	sp.check(src)
	if dp.H != 2*sp.H || dp.W != 2*sp.W || sp.Before < 1 {
		panic("kernel: ConvTranspose: planes do not fit")
	}
	at := 0
	for phase := range 4 {
		py, px := phase>>1, phase&1
		g := lane.Conv{
			A: sp.at(src, py-1, px-1), APix: bytes(sp.C), ARow: bytes(sp.Pitch()), ASeg: bytes(sp.Pitch()),
			C: dp.at(dst, py, px), CPix: bytes(2 * dp.C), CRow: bytes(2 * dp.Pitch()),
			W: sp.W, H: sp.H, Segs: 2 - py, K: (2 - px) * sp.C, Floor: floor,
		}
		panels(&g, packed[at:], bias, dp.C)
		at += PackedSize(g.Segs*g.K, dp.C)
	}
}
