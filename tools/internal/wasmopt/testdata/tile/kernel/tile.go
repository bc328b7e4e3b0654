//go:build goexperiment.simd && wasm

// Package kernel is a register tile as core/kernel writes them: pointers, eight
// named accumulators, k unrolled eight times. It gives the rewriter's tests real
// compiler output that does not change when the product's kernels do.
package kernel

import (
	"simd/archsimd"
	"unsafe"
)

type vec = archsimd.Float32x4

func load(p unsafe.Pointer) vec     { return archsimd.LoadFloat32x4Array((*[4]float32)(p)) }
func store(p unsafe.Pointer, v vec) { v.StoreArray((*[4]float32)(p)) }
func fma(a, b, c vec) vec           { return a.Mul(b).Add(c) }
func splat(p unsafe.Pointer) vec    { return archsimd.BroadcastFloat32x4(*(*float32)(p)) }

// Tile adds to four rows of eight columns at c (rows crow bytes apart) the product
// of four rows of k values at a (rows arow bytes apart) and k packed rows of eight
// values at b.
func Tile(c unsafe.Pointer, crow uintptr, a unsafe.Pointer, arow uintptr, b unsafe.Pointer, k int) {
	c0 := c
	c1 := unsafe.Add(c0, crow)
	c2 := unsafe.Add(c1, crow)
	c3 := unsafe.Add(c2, crow)
	a0 := a
	a1 := unsafe.Add(a0, arow)
	a2 := unsafe.Add(a1, arow)
	a3 := unsafe.Add(a2, arow)
	s00, s01 := load(c0), load(unsafe.Add(c0, 16))
	s10, s11 := load(c1), load(unsafe.Add(c1, 16))
	s20, s21 := load(c2), load(unsafe.Add(c2, 16))
	s30, s31 := load(c3), load(unsafe.Add(c3, 16))
	for ; k >= 8; k -= 8 {
		b0, d0 := load(unsafe.Add(b, 0)), load(unsafe.Add(b, 16))
		x00 := splat(unsafe.Add(a0, 0))
		s00, s01 = fma(x00, b0, s00), fma(x00, d0, s01)
		x01 := splat(unsafe.Add(a1, 0))
		s10, s11 = fma(x01, b0, s10), fma(x01, d0, s11)
		x02 := splat(unsafe.Add(a2, 0))
		s20, s21 = fma(x02, b0, s20), fma(x02, d0, s21)
		x03 := splat(unsafe.Add(a3, 0))
		s30, s31 = fma(x03, b0, s30), fma(x03, d0, s31)
		b1, d1 := load(unsafe.Add(b, 32)), load(unsafe.Add(b, 48))
		x10 := splat(unsafe.Add(a0, 4))
		s00, s01 = fma(x10, b1, s00), fma(x10, d1, s01)
		x11 := splat(unsafe.Add(a1, 4))
		s10, s11 = fma(x11, b1, s10), fma(x11, d1, s11)
		x12 := splat(unsafe.Add(a2, 4))
		s20, s21 = fma(x12, b1, s20), fma(x12, d1, s21)
		x13 := splat(unsafe.Add(a3, 4))
		s30, s31 = fma(x13, b1, s30), fma(x13, d1, s31)
		b2, d2 := load(unsafe.Add(b, 64)), load(unsafe.Add(b, 80))
		x20 := splat(unsafe.Add(a0, 8))
		s00, s01 = fma(x20, b2, s00), fma(x20, d2, s01)
		x21 := splat(unsafe.Add(a1, 8))
		s10, s11 = fma(x21, b2, s10), fma(x21, d2, s11)
		x22 := splat(unsafe.Add(a2, 8))
		s20, s21 = fma(x22, b2, s20), fma(x22, d2, s21)
		x23 := splat(unsafe.Add(a3, 8))
		s30, s31 = fma(x23, b2, s30), fma(x23, d2, s31)
		b3, d3 := load(unsafe.Add(b, 96)), load(unsafe.Add(b, 112))
		x30 := splat(unsafe.Add(a0, 12))
		s00, s01 = fma(x30, b3, s00), fma(x30, d3, s01)
		x31 := splat(unsafe.Add(a1, 12))
		s10, s11 = fma(x31, b3, s10), fma(x31, d3, s11)
		x32 := splat(unsafe.Add(a2, 12))
		s20, s21 = fma(x32, b3, s20), fma(x32, d3, s21)
		x33 := splat(unsafe.Add(a3, 12))
		s30, s31 = fma(x33, b3, s30), fma(x33, d3, s31)
		b4, d4 := load(unsafe.Add(b, 128)), load(unsafe.Add(b, 144))
		x40 := splat(unsafe.Add(a0, 16))
		s00, s01 = fma(x40, b4, s00), fma(x40, d4, s01)
		x41 := splat(unsafe.Add(a1, 16))
		s10, s11 = fma(x41, b4, s10), fma(x41, d4, s11)
		x42 := splat(unsafe.Add(a2, 16))
		s20, s21 = fma(x42, b4, s20), fma(x42, d4, s21)
		x43 := splat(unsafe.Add(a3, 16))
		s30, s31 = fma(x43, b4, s30), fma(x43, d4, s31)
		b5, d5 := load(unsafe.Add(b, 160)), load(unsafe.Add(b, 176))
		x50 := splat(unsafe.Add(a0, 20))
		s00, s01 = fma(x50, b5, s00), fma(x50, d5, s01)
		x51 := splat(unsafe.Add(a1, 20))
		s10, s11 = fma(x51, b5, s10), fma(x51, d5, s11)
		x52 := splat(unsafe.Add(a2, 20))
		s20, s21 = fma(x52, b5, s20), fma(x52, d5, s21)
		x53 := splat(unsafe.Add(a3, 20))
		s30, s31 = fma(x53, b5, s30), fma(x53, d5, s31)
		b6, d6 := load(unsafe.Add(b, 192)), load(unsafe.Add(b, 208))
		x60 := splat(unsafe.Add(a0, 24))
		s00, s01 = fma(x60, b6, s00), fma(x60, d6, s01)
		x61 := splat(unsafe.Add(a1, 24))
		s10, s11 = fma(x61, b6, s10), fma(x61, d6, s11)
		x62 := splat(unsafe.Add(a2, 24))
		s20, s21 = fma(x62, b6, s20), fma(x62, d6, s21)
		x63 := splat(unsafe.Add(a3, 24))
		s30, s31 = fma(x63, b6, s30), fma(x63, d6, s31)
		b7, d7 := load(unsafe.Add(b, 224)), load(unsafe.Add(b, 240))
		x70 := splat(unsafe.Add(a0, 28))
		s00, s01 = fma(x70, b7, s00), fma(x70, d7, s01)
		x71 := splat(unsafe.Add(a1, 28))
		s10, s11 = fma(x71, b7, s10), fma(x71, d7, s11)
		x72 := splat(unsafe.Add(a2, 28))
		s20, s21 = fma(x72, b7, s20), fma(x72, d7, s21)
		x73 := splat(unsafe.Add(a3, 28))
		s30, s31 = fma(x73, b7, s30), fma(x73, d7, s31)
		a0, a1, a2, a3 = unsafe.Add(a0, 32), unsafe.Add(a1, 32), unsafe.Add(a2, 32), unsafe.Add(a3, 32)
		b = unsafe.Add(b, 256)
	}
	for ; k > 0; k-- {
		b0, b1 := load(b), load(unsafe.Add(b, 16))
		x0 := splat(a0)
		s00, s01 = fma(x0, b0, s00), fma(x0, b1, s01)
		x1 := splat(a1)
		s10, s11 = fma(x1, b0, s10), fma(x1, b1, s11)
		x2 := splat(a2)
		s20, s21 = fma(x2, b0, s20), fma(x2, b1, s21)
		x3 := splat(a3)
		s30, s31 = fma(x3, b0, s30), fma(x3, b1, s31)
		a0, a1, a2, a3 = unsafe.Add(a0, 4), unsafe.Add(a1, 4), unsafe.Add(a2, 4), unsafe.Add(a3, 4)
		b = unsafe.Add(b, 32)
	}
	store(c0, s00)
	store(unsafe.Add(c0, 16), s01)
	store(c1, s10)
	store(unsafe.Add(c1, 16), s11)
	store(c2, s20)
	store(unsafe.Add(c2, 16), s21)
	store(c3, s30)
	store(unsafe.Add(c3, 16), s31)
}
