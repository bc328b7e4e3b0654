// Code generated from core/kernel/gen/filter.tmpl by go generate. DO NOT EDIT.

//go:build goexperiment.simd && go1.27 && amd64

package lanes8

import (
	"simd/archsimd"
	"unsafe"

	"vaelab/core/kernel/lane"
)

// Filter adds one tile of a filter gradient, or a corner of one.
func Filter(g *lane.Filter) {
	if g.Rows == 4 && g.Cols == 2*Lanes {
		filterTile(g.C, g.CRow, g)
		return
	}
	var edge [4 * 2 * Lanes]float32
	filterTile(unsafe.Pointer(&edge), 2*Lanes*4, g)
	addEdge(&edge, g)
}

func filterTile(c unsafe.Pointer, crow uintptr, g *lane.Filter) {
	var s00, s01, s10, s11, s20, s21, s30, s31 vec
	apix, bpix := g.APix, g.BPix
	arow, brow := g.A, g.B
	for h := g.H; h > 0; h-- {
		a, b := arow, brow
		w := g.W
		for ; w >= 4; w -= 4 {
			var b0, b1, x vec
			b0 = loadAt(b, 0)
			b1 = loadAt(b, 32)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 0))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 4))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 8))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 12))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			a = next(a, apix)
			b = next(b, bpix)
			b0 = loadAt(b, 0)
			b1 = loadAt(b, 32)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 0))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 4))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 8))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 12))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			a = next(a, apix)
			b = next(b, bpix)
			b0 = loadAt(b, 0)
			b1 = loadAt(b, 32)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 0))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 4))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 8))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 12))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			a = next(a, apix)
			b = next(b, bpix)
			b0 = loadAt(b, 0)
			b1 = loadAt(b, 32)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 0))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 4))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 8))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 12))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			a = next(a, apix)
			b = next(b, bpix)
		}
		for ; w > 0; w-- {
			b0, b1 := load(b), load(unsafe.Add(b, Lanes*4))
			x0 := splat(*(*float32)(unsafe.Add(a, 0)))
			s00, s01 = fma(x0, b0, s00), fma(x0, b1, s01)
			x1 := splat(*(*float32)(unsafe.Add(a, 4)))
			s10, s11 = fma(x1, b0, s10), fma(x1, b1, s11)
			x2 := splat(*(*float32)(unsafe.Add(a, 8)))
			s20, s21 = fma(x2, b0, s20), fma(x2, b1, s21)
			x3 := splat(*(*float32)(unsafe.Add(a, 12)))
			s30, s31 = fma(x3, b0, s30), fma(x3, b1, s31)
			a, b = unsafe.Add(a, apix), unsafe.Add(b, bpix)
		}
		arow, brow = unsafe.Add(arow, g.ARow), unsafe.Add(brow, g.BRow)
	}
	if g.Overwrite {
		store(c, s00)
		store(unsafe.Add(c, Lanes*4), s01)
		c = unsafe.Add(c, crow)
		store(c, s10)
		store(unsafe.Add(c, Lanes*4), s11)
		c = unsafe.Add(c, crow)
		store(c, s20)
		store(unsafe.Add(c, Lanes*4), s21)
		c = unsafe.Add(c, crow)
		store(c, s30)
		store(unsafe.Add(c, Lanes*4), s31)

		return
	}
	store(c, add(load(c), s00))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s01))
	c = unsafe.Add(c, crow)
	store(c, add(load(c), s10))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s11))
	c = unsafe.Add(c, crow)
	store(c, add(load(c), s20))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s21))
	c = unsafe.Add(c, crow)
	store(c, add(load(c), s30))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s31))

}

// FilterPacked is Filter for operands that were packed: four floats of A and one
// panel of B to a pixel, next to each other, so that every address in a row is a
// constant away from two pointers. APix and BPix are not read.
func FilterPacked(g *lane.Filter) {
	if g.Rows == 4 && g.Cols == 2*Lanes {
		filterPackedTile(g.C, g.CRow, g)
		return
	}
	var edge [4 * 2 * Lanes]float32
	filterPackedTile(unsafe.Pointer(&edge), 2*Lanes*4, g)
	addEdge(&edge, g)
}

func addEdge(edge *[4 * 2 * Lanes]float32, g *lane.Filter) {
	for r := range g.Rows {
		dst := unsafe.Slice((*float32)(unsafe.Add(g.C, uintptr(r)*g.CRow)), g.Cols)
		for c := range dst {
			dst[c] += edge[r*2*Lanes+c]
		}
	}
}

func filterPackedTile(c unsafe.Pointer, crow uintptr, g *lane.Filter) {
	var s00, s01, s10, s11, s20, s21, s30, s31 vec
	a, b := g.A, g.B
	skip := g.ARow - uintptr(g.W)*16
	for h := g.H; h > 0; h-- {
		w := g.W
		for ; w >= 7; w -= 7 {
			var b0, b1, x vec
			b0 = loadAt(b, 0)
			b1 = loadAt(b, 32)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 0))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 4))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 8))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 12))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 64)
			b1 = loadAt(b, 96)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 16))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 20))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 24))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 28))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 128)
			b1 = loadAt(b, 160)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 32))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 36))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 40))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 44))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 192)
			b1 = loadAt(b, 224)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 48))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 52))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 56))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 60))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 256)
			b1 = loadAt(b, 288)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 64))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 68))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 72))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 76))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 320)
			b1 = loadAt(b, 352)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 80))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 84))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 88))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 92))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			b0 = loadAt(b, 384)
			b1 = loadAt(b, 416)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 96))
			s00 = fma(x, b0, s00)
			s01 = fma(x, b1, s01)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 100))
			s10 = fma(x, b0, s10)
			s11 = fma(x, b1, s11)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 104))
			s20 = fma(x, b0, s20)
			s21 = fma(x, b1, s21)
			x = archsimd.BroadcastFloat32x8(scalarAt(a, 108))
			s30 = fma(x, b0, s30)
			s31 = fma(x, b1, s31)
			a, b = unsafe.Add(a, 112), unsafe.Add(b, 448)
		}
		for ; w > 0; w-- {
			b0, b1 := load(b), load(unsafe.Add(b, Lanes*4))
			x0 := splat(*(*float32)(unsafe.Add(a, 0)))
			s00, s01 = fma(x0, b0, s00), fma(x0, b1, s01)
			x1 := splat(*(*float32)(unsafe.Add(a, 4)))
			s10, s11 = fma(x1, b0, s10), fma(x1, b1, s11)
			x2 := splat(*(*float32)(unsafe.Add(a, 8)))
			s20, s21 = fma(x2, b0, s20), fma(x2, b1, s21)
			x3 := splat(*(*float32)(unsafe.Add(a, 12)))
			s30, s31 = fma(x3, b0, s30), fma(x3, b1, s31)
			a, b = unsafe.Add(a, 16), unsafe.Add(b, 2*Lanes*4)
		}
		a = unsafe.Add(a, skip)
	}
	store(c, add(load(c), s00))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s01))
	c = unsafe.Add(c, crow)
	store(c, add(load(c), s10))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s11))
	c = unsafe.Add(c, crow)
	store(c, add(load(c), s20))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s21))
	c = unsafe.Add(c, crow)
	store(c, add(load(c), s30))
	store(unsafe.Add(c, Lanes*4), add(load(unsafe.Add(c, Lanes*4)), s31))

}

// BiasFilter adds the sum of all pixels to C: C[col] += Σ_y Σ_x B[y,x][col]. A is not read.
func BiasFilter(g *lane.Filter) {
	col := 0
	for ; col+2*Lanes <= g.Cols; col += 2 * Lanes {
		c := unsafe.Add(g.C, col*4)
		s0, s1 := load(c), load(unsafe.Add(c, Lanes*4))
		row := unsafe.Add(g.B, col*4)
		for h := g.H; h > 0; h-- {
			b := row
			for w := g.W; w > 0; w-- {
				s0, s1 = add(s0, load(b)), add(s1, load(unsafe.Add(b, Lanes*4)))
				b = unsafe.Add(b, g.BPix)
			}
			row = unsafe.Add(row, g.BRow)
		}
		store(c, s0)
		store(unsafe.Add(c, Lanes*4), s1)
	}
	for ; col < g.Cols; col++ {
		var s float32
		for y := range g.H {
			b := unsafe.Add(g.B, uintptr(y)*g.BRow+uintptr(col)*4)
			for range g.W {
				s += *(*float32)(b)
				b = unsafe.Add(b, g.BPix)
			}
		}
		*(*float32)(unsafe.Add(g.C, col*4)) += s
	}
}
