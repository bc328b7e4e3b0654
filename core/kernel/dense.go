package kernel

import (
	"unsafe"

	"vaelab/core/kernel/lane"
)

// depthBlock is how much of a deep matrix passes over all rows and panels before
// the next part is read: 512 rows of 32 columns are half of a second-level cache line set.
const depthBlock = 256

// Dense computes m rows: dst[i,o] = max(floor, bias[o] + Σ_k x[i,k]·w[k,o]), x is m×k, w is k×n
// and dst m×n, all row-major.
func Dense(dst, x, w, bias []float32, m, k, n int, floor float32) {
	if len(dst) < m*n || len(x) < m*k || len(w) < k*n || len(bias) < n {
		panic("kernel: Dense: a buffer is too short")
	}
	g := lane.Dense{ARow: bytes(k), BRow: bytes(n), C: unsafe.Pointer(&dst[0]), CRow: bytes(n), M: m, Cols: n}
	for at := 0; at < k; at += depthBlock {
		g.K = min(depthBlock, k-at)
		g.A = unsafe.Pointer(&x[at])
		g.B = unsafe.Pointer(&w[at*n])
		g.Bias = nil
		if at == 0 {
			g.Bias = unsafe.Pointer(&bias[0])
		}
		g.Floor = Linear
		if at+g.K == k {
			g.Floor = floor
		}
		dense(&g)
	}
}

// DenseBackward computes dx[i,k] = Σ_o dy[i,o]·w[k,o] for m rows, with w packed by [PackTransposed].
func DenseBackward(dx, dy, packed []float32, m, k, n int) {
	if len(dx) < m*k || len(dy) < m*n || len(packed) < PackedSize(n, k) {
		panic("kernel: DenseBackward: a buffer is too short")
	}
	g := lane.Conv{
		A: unsafe.Pointer(&dy[0]), APix: bytes(n), CPix: bytes(k),
		W: m, H: 1, Segs: 1, K: n, Floor: Linear, Bias: unsafe.Pointer(&zeros[0]),
	}
	p := panel()
	for o := 0; o < k; o += p {
		g.Cols = min(p, k-o)
		g.B = unsafe.Pointer(&packed[o*n])
		g.C = unsafe.Pointer(&dx[o])
		conv(&g)
	}
}

// DenseFilter adds dw[k,o] += Σ_i x[i,k]·dy[i,o] over m rows.
func DenseFilter(dw, x, dy []float32, m, k, n int) {
	if len(dw) < k*n || len(x) < m*k || len(dy) < m*n {
		panic("kernel: DenseFilter: a buffer is too short")
	}
	g := lane.DenseFilter{ARow: bytes(k), BRow: bytes(n), CRow: bytes(n), Cols: n}
	for at := 0; at < k; at += depthBlock {
		g.K = min(depthBlock, k-at)
		g.C = unsafe.Pointer(&dw[at*n])
		for i := 0; i < m; i += 4 {
			g.M = min(4, m-i)
			g.A = unsafe.Pointer(&x[i*k+at])
			g.B = unsafe.Pointer(&dy[i*n])
			denseFilter(&g)
		}
	}
}
