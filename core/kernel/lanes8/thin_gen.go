// Code generated from core/kernel/gen/thin.tmpl by go generate. DO NOT EDIT.

//go:build goexperiment.simd && go1.27 && amd64

package lanes8

import (
	"simd/archsimd"
	"unsafe"

	"vaelab/core/kernel/lane"
)

// Thin convolves one channel by 3×3 kernels: nine steps in a straight line.
func Thin(g *lane.Thin) {
	var edge [4 * 2 * Lanes]float32
	for y := range g.H {
		a := unsafe.Add(g.A, uintptr(y)*g.ARow)
		c := unsafe.Add(g.C, uintptr(y)*g.CRow)
		for x := 0; x < g.W; x += 4 {
			// Where the row ends inside the group, its last pixel stands in for those beyond.
			last := uintptr(g.W - 1 - x)
			a0, c0 := a, c
			a1, c1 := unsafe.Add(a, min(1, last)*g.APix), unsafe.Add(c, min(1, last)*g.CPix)
			a2, c2 := unsafe.Add(a, min(2, last)*g.APix), unsafe.Add(c, min(2, last)*g.CPix)
			a3, c3 := unsafe.Add(a, min(3, last)*g.APix), unsafe.Add(c, min(3, last)*g.CPix)
			if g.Cols == 2*Lanes {
				thinTile(a0, a1, a2, a3, c0, c1, c2, c3, g)
			} else {
				e := unsafe.Pointer(&edge)
				thinTile(a0, a1, a2, a3, e, unsafe.Add(e, 2*Lanes*4), unsafe.Add(e, 4*Lanes*4), unsafe.Add(e, 6*Lanes*4), g)
				move(c0, unsafe.Add(e, 0*Lanes*4), g.Cols)
				move(c1, unsafe.Add(e, 2*Lanes*4), g.Cols)
				move(c2, unsafe.Add(e, 4*Lanes*4), g.Cols)
				move(c3, unsafe.Add(e, 6*Lanes*4), g.Cols)
			}
			a, c = unsafe.Add(a, 4*g.APix), unsafe.Add(c, 4*g.CPix)
		}
	}
}

func thinTile(a0, a1, a2, a3, c0, c1, c2, c3 unsafe.Pointer, g *lane.Thin) {
	b := g.B
	v0, v1 := load(g.Bias), load(unsafe.Add(g.Bias, Lanes*4))
	s00, s01, s10, s11, s20, s21, s30, s31 := v0, v1, v0, v1, v0, v1, v0, v1
	var b0, b1, x vec
	b0 = loadAt(b, 0)
	b1 = loadAt(b, 32)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 0))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 0))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 0))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 0))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	b0 = loadAt(b, 64)
	b1 = loadAt(b, 96)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 4))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 4))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 4))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 4))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	b0 = loadAt(b, 128)
	b1 = loadAt(b, 160)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 8))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 8))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 8))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 8))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	a0 = unsafe.Add(a0, g.ASeg)
	a1 = unsafe.Add(a1, g.ASeg)
	a2 = unsafe.Add(a2, g.ASeg)
	a3 = unsafe.Add(a3, g.ASeg)
	b0 = loadAt(b, 192)
	b1 = loadAt(b, 224)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 0))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 0))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 0))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 0))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	b0 = loadAt(b, 256)
	b1 = loadAt(b, 288)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 4))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 4))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 4))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 4))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	b0 = loadAt(b, 320)
	b1 = loadAt(b, 352)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 8))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 8))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 8))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 8))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	a0 = unsafe.Add(a0, g.ASeg)
	a1 = unsafe.Add(a1, g.ASeg)
	a2 = unsafe.Add(a2, g.ASeg)
	a3 = unsafe.Add(a3, g.ASeg)
	b0 = loadAt(b, 384)
	b1 = loadAt(b, 416)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 0))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 0))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 0))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 0))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	b0 = loadAt(b, 448)
	b1 = loadAt(b, 480)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 4))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 4))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 4))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 4))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
	b0 = loadAt(b, 512)
	b1 = loadAt(b, 544)
	x = archsimd.BroadcastFloat32x8(scalarAt(a0, 8))
	s00 = fma(x, b0, s00)
	s01 = fma(x, b1, s01)
	x = archsimd.BroadcastFloat32x8(scalarAt(a1, 8))
	s10 = fma(x, b0, s10)
	s11 = fma(x, b1, s11)
	x = archsimd.BroadcastFloat32x8(scalarAt(a2, 8))
	s20 = fma(x, b0, s20)
	s21 = fma(x, b1, s21)
	x = archsimd.BroadcastFloat32x8(scalarAt(a3, 8))
	s30 = fma(x, b0, s30)
	s31 = fma(x, b1, s31)
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

// Dots is the convolution to one channel, four pixels at a time.
func Dots(g *lane.Dots) {
	out := g.C
	for y := range g.H {
		a := unsafe.Add(g.A, uintptr(y)*g.ARow)
		for x := 0; x < g.W; x += 4 {
			last := uintptr(g.W - 1 - x)
			r0, r1, r2, r3 := dotsTile(a, unsafe.Add(a, min(1, last)*g.APix), unsafe.Add(a, min(2, last)*g.APix), unsafe.Add(a, min(3, last)*g.APix), g)
			*(*float32)(out) = r0
			if last >= 1 {
				*(*float32)(unsafe.Add(out, 4)) = r1
			}
			if last >= 2 {
				*(*float32)(unsafe.Add(out, 8)) = r2
			}
			if last >= 3 {
				*(*float32)(unsafe.Add(out, 12)) = r3
			}
			a = unsafe.Add(a, 4*g.APix)
			out = unsafe.Add(out, 4*min(4, last+1))
		}
	}
}

func dotsTile(a0, a1, a2, a3 unsafe.Pointer, g *lane.Dots) (r0, r1, r2, r3 float32) {
	var s0, s1, s2, s3 vec
	r0, r1, r2, r3 = g.Bias, g.Bias, g.Bias, g.Bias
	b := g.B
	skip := g.ASeg - uintptr(g.K)*4
	for seg := g.Segs; seg > 0; seg-- {
		k := g.K
		for ; k >= 2*Lanes; k -= 2 * Lanes {
			w := loadAt(b, 0)
			s0 = fma(loadAt(a0, 0), w, s0)
			s1 = fma(loadAt(a1, 0), w, s1)
			s2 = fma(loadAt(a2, 0), w, s2)
			s3 = fma(loadAt(a3, 0), w, s3)
			w = loadAt(b, 32)
			s0 = fma(loadAt(a0, 32), w, s0)
			s1 = fma(loadAt(a1, 32), w, s1)
			s2 = fma(loadAt(a2, 32), w, s2)
			s3 = fma(loadAt(a3, 32), w, s3)
			b = unsafe.Add(b, 2*Lanes*4)
			a0 = unsafe.Add(a0, 2*Lanes*4)
			a1 = unsafe.Add(a1, 2*Lanes*4)
			a2 = unsafe.Add(a2, 2*Lanes*4)
			a3 = unsafe.Add(a3, 2*Lanes*4)
		}
		for ; k > 0; k-- {
			w := *(*float32)(b)
			b = unsafe.Add(b, 4)
			r0 += *(*float32)(a0) * w
			a0 = unsafe.Add(a0, 4)
			r1 += *(*float32)(a1) * w
			a1 = unsafe.Add(a1, 4)
			r2 += *(*float32)(a2) * w
			a2 = unsafe.Add(a2, 4)
			r3 += *(*float32)(a3) * w
			a3 = unsafe.Add(a3, 4)
		}
		a0 = unsafe.Add(a0, skip)
		a1 = unsafe.Add(a1, skip)
		a2 = unsafe.Add(a2, skip)
		a3 = unsafe.Add(a3, skip)
	}
	return r0 + sum(s0), r1 + sum(s1), r2 + sum(s2), r3 + sum(s3)
}
