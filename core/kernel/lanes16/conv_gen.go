// Code generated from core/kernel/gen/conv.tmpl by go generate. DO NOT EDIT.

//go:build goexperiment.simd && go1.27 && amd64

package lanes16

import (
	"simd/archsimd"
	"unsafe"

	"vaelab/core/kernel/lane"
)

// Conv walks the output pixels in groups of four, across the ends of rows. In a
// last group of fewer the last pixel stands more than once: the same value is
// stored twice.
func Conv(g *lane.Conv) {
	var edge [4 * 2 * Lanes]float32
	n := g.W * g.H
	wrapA := g.ARow - uintptr(g.W)*g.APix
	wrapC := g.CRow - uintptr(g.W)*g.CPix
	x := 0
	a, c := g.A, g.C
	for p := 0; p < n; {
		a0, c0 := a, c
		if p++; p < n {
			a = unsafe.Add(a, g.APix)
			c = unsafe.Add(c, g.CPix)
			if x++; x == g.W {
				x = 0
				a = unsafe.Add(a, wrapA)
				c = unsafe.Add(c, wrapC)
			}
		}
		a1, c1 := a, c
		if p++; p < n {
			a = unsafe.Add(a, g.APix)
			c = unsafe.Add(c, g.CPix)
			if x++; x == g.W {
				x = 0
				a = unsafe.Add(a, wrapA)
				c = unsafe.Add(c, wrapC)
			}
		}
		a2, c2 := a, c
		if p++; p < n {
			a = unsafe.Add(a, g.APix)
			c = unsafe.Add(c, g.CPix)
			if x++; x == g.W {
				x = 0
				a = unsafe.Add(a, wrapA)
				c = unsafe.Add(c, wrapC)
			}
		}
		a3, c3 := a, c
		if p++; p < n {
			a = unsafe.Add(a, g.APix)
			c = unsafe.Add(c, g.CPix)
			if x++; x == g.W {
				x = 0
				a = unsafe.Add(a, wrapA)
				c = unsafe.Add(c, wrapC)
			}
		}
		if g.Cols == 2*Lanes {
			convTile(a0, a1, a2, a3, c0, c1, c2, c3, g)
			continue
		}
		e := unsafe.Pointer(&edge)
		e0 := unsafe.Add(e, 0*Lanes*4)
		e1 := unsafe.Add(e, 2*Lanes*4)
		e2 := unsafe.Add(e, 4*Lanes*4)
		e3 := unsafe.Add(e, 6*Lanes*4)
		if g.Bias == nil {
			move(e0, c0, g.Cols)
			move(e1, c1, g.Cols)
			move(e2, c2, g.Cols)
			move(e3, c3, g.Cols)
		}
		convTile(a0, a1, a2, a3, e0, e1, e2, e3, g)
		move(c0, e0, g.Cols)
		move(c1, e1, g.Cols)
		move(c2, e2, g.Cols)
		move(c3, e3, g.Cols)
	}
}

// convTile computes four pixels × two vectors: eight accumulators are as many as
// the compiler keeps in registers at every width.
func convTile(a0, a1, a2, a3, c0, c1, c2, c3 unsafe.Pointer, g *lane.Conv) {
	var s00, s01, s10, s11, s20, s21, s30, s31 vec
	if g.Bias != nil {
		v0, v1 := load(g.Bias), load(unsafe.Add(g.Bias, Lanes*4))
		s00, s01 = v0, v1
		s10, s11 = v0, v1
		s20, s21 = v0, v1
		s30, s31 = v0, v1
	} else {
		s00, s01 = load(c0), load(unsafe.Add(c0, Lanes*4))
		s10, s11 = load(c1), load(unsafe.Add(c1, Lanes*4))
		s20, s21 = load(c2), load(unsafe.Add(c2, Lanes*4))
		s30, s31 = load(c3), load(unsafe.Add(c3, Lanes*4))
	}
	b := g.B
	skip := g.ASeg - uintptr(g.K)*4
	for seg := g.Segs; seg > 0; seg-- {
		k := g.K
		for ; k >= 8; k -= 8 {
			var b0, b1, x vec
			b0 = loadAt(b, 0)
			b1 = loadAt(b, 64)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 0))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 0))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 0))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 0))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 128)
			b1 = loadAt(b, 192)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 4))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 4))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 4))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 4))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 256)
			b1 = loadAt(b, 320)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 8))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 8))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 8))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 8))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 384)
			b1 = loadAt(b, 448)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 12))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 12))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 12))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 12))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 512)
			b1 = loadAt(b, 576)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 16))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 16))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 16))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 16))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 640)
			b1 = loadAt(b, 704)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 20))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 20))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 20))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 20))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 768)
			b1 = loadAt(b, 832)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 24))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 24))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 24))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 24))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 896)
			b1 = loadAt(b, 960)
			x = archsimd.BroadcastFloat32x16(scalarAt(a0, 28))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x16(scalarAt(a1, 28))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x16(scalarAt(a2, 28))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x16(scalarAt(a3, 28))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b = unsafe.Add(b, 1024)
			a0 = unsafe.Add(a0, 32)
			a1 = unsafe.Add(a1, 32)
			a2 = unsafe.Add(a2, 32)
			a3 = unsafe.Add(a3, 32)
		}
		for ; k > 0; k-- {
			b0, b1 := load(b), load(unsafe.Add(b, Lanes*4))
			b = unsafe.Add(b, 2*Lanes*4)
			x0 := splat(*(*float32)(a0))
			s00, s01 = fma(x0, b0, s00), fma(x0, b1, s01)
			a0 = unsafe.Add(a0, 4)
			x1 := splat(*(*float32)(a1))
			s10, s11 = fma(x1, b0, s10), fma(x1, b1, s11)
			a1 = unsafe.Add(a1, 4)
			x2 := splat(*(*float32)(a2))
			s20, s21 = fma(x2, b0, s20), fma(x2, b1, s21)
			a2 = unsafe.Add(a2, 4)
			x3 := splat(*(*float32)(a3))
			s30, s31 = fma(x3, b0, s30), fma(x3, b1, s31)
			a3 = unsafe.Add(a3, 4)
		}
		a0 = unsafe.Add(a0, skip)
		a1 = unsafe.Add(a1, skip)
		a2 = unsafe.Add(a2, skip)
		a3 = unsafe.Add(a3, skip)
	}
	f := splat(g.Floor)
	store(c0, largest(s00, f))
	store(unsafe.Add(c0, Lanes*4), largest(s01, f))
	store(c1, largest(s10, f))
	store(unsafe.Add(c1, Lanes*4), largest(s11, f))
	store(c2, largest(s20, f))
	store(unsafe.Add(c2, Lanes*4), largest(s21, f))
	store(c3, largest(s30, f))
	store(unsafe.Add(c3, Lanes*4), largest(s31, f))
}

// move copies n floats between the edge buffer and the image.
func move(dst, src unsafe.Pointer, n int) {
	copy(unsafe.Slice((*float32)(dst), n), unsafe.Slice((*float32)(src), n))
}
