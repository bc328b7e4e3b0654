// Code generated from core/kernel/gen/dense.tmpl by go generate. DO NOT EDIT.

package lanes1

import (
	"unsafe"

	"vaelab/core/kernel/lane"
)

// Dense multiplies M rows by an unpacked matrix, four rows and one panel of
// columns at a time.
func Dense(g *lane.Dense) {
	var edge [4 * 2 * Lanes]float32
	for m := 0; m < g.M; m += 4 {
		last := g.M - 1 - m
		a := unsafe.Add(g.A, uintptr(m)*g.ARow)
		a1, a2, a3 := unsafe.Add(a, uintptr(min(1, last))*g.ARow), unsafe.Add(a, uintptr(min(2, last))*g.ARow), unsafe.Add(a, uintptr(min(3, last))*g.ARow)
		c := unsafe.Add(g.C, uintptr(m)*g.CRow)
		for col := 0; col < g.Cols; col += 2 * Lanes {
			c0 := unsafe.Add(c, col*4)
			c1, c2, c3 := unsafe.Add(c0, uintptr(min(1, last))*g.CRow), unsafe.Add(c0, uintptr(min(2, last))*g.CRow), unsafe.Add(c0, uintptr(min(3, last))*g.CRow)
			n := g.Cols - col
			if n >= 2*Lanes {
				denseTile(a, a1, a2, a3, c0, c1, c2, c3, col*4, g)
				continue
			}
			e := unsafe.Pointer(&edge)
			e0 := unsafe.Add(e, 0*Lanes*4)
			e1 := unsafe.Add(e, 2*Lanes*4)
			e2 := unsafe.Add(e, 4*Lanes*4)
			e3 := unsafe.Add(e, 6*Lanes*4)
			if g.Bias == nil {
				move(e0, c0, n)
				move(e1, c1, n)
				move(e2, c2, n)
				move(e3, c3, n)
			}
			denseTile(a, a1, a2, a3, e0, e1, e2, e3, col*4, g)
			move(c0, e0, n)
			move(c1, e1, n)
			move(c2, e2, n)
			move(c3, e3, n)
		}
	}
}

func denseTile(a0, a1, a2, a3, c0, c1, c2, c3 unsafe.Pointer, col int, g *lane.Dense) {
	var s00, s01, s10, s11, s20, s21, s30, s31 vec
	if g.Bias != nil {
		bias := unsafe.Add(g.Bias, col)
		v0, v1 := load(bias), load(unsafe.Add(bias, Lanes*4))
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
	b := unsafe.Add(g.B, col)
	brow := g.BRow
	k := g.K
	for ; k >= 4; k -= 4 {
		var b0, b1, x vec
		b0 = loadAt(b, 0)
		b1 = loadAt(b, 4)
		b = unsafe.Add(b, brow)
		x = scalarAt(a0, 0)
		s00 = fma(x, b0, s00)
		s01 = fma(x, b1, s01)
		x = scalarAt(a1, 0)
		s10 = fma(x, b0, s10)
		s11 = fma(x, b1, s11)
		x = scalarAt(a2, 0)
		s20 = fma(x, b0, s20)
		s21 = fma(x, b1, s21)
		x = scalarAt(a3, 0)
		s30 = fma(x, b0, s30)
		s31 = fma(x, b1, s31)
		b0 = loadAt(b, 0)
		b1 = loadAt(b, 4)
		b = unsafe.Add(b, brow)
		x = scalarAt(a0, 4)
		s00 = fma(x, b0, s00)
		s01 = fma(x, b1, s01)
		x = scalarAt(a1, 4)
		s10 = fma(x, b0, s10)
		s11 = fma(x, b1, s11)
		x = scalarAt(a2, 4)
		s20 = fma(x, b0, s20)
		s21 = fma(x, b1, s21)
		x = scalarAt(a3, 4)
		s30 = fma(x, b0, s30)
		s31 = fma(x, b1, s31)
		b0 = loadAt(b, 0)
		b1 = loadAt(b, 4)
		b = unsafe.Add(b, brow)
		x = scalarAt(a0, 8)
		s00 = fma(x, b0, s00)
		s01 = fma(x, b1, s01)
		x = scalarAt(a1, 8)
		s10 = fma(x, b0, s10)
		s11 = fma(x, b1, s11)
		x = scalarAt(a2, 8)
		s20 = fma(x, b0, s20)
		s21 = fma(x, b1, s21)
		x = scalarAt(a3, 8)
		s30 = fma(x, b0, s30)
		s31 = fma(x, b1, s31)
		b0 = loadAt(b, 0)
		b1 = loadAt(b, 4)
		b = unsafe.Add(b, brow)
		x = scalarAt(a0, 12)
		s00 = fma(x, b0, s00)
		s01 = fma(x, b1, s01)
		x = scalarAt(a1, 12)
		s10 = fma(x, b0, s10)
		s11 = fma(x, b1, s11)
		x = scalarAt(a2, 12)
		s20 = fma(x, b0, s20)
		s21 = fma(x, b1, s21)
		x = scalarAt(a3, 12)
		s30 = fma(x, b0, s30)
		s31 = fma(x, b1, s31)
		a0 = unsafe.Add(a0, 16)
		a1 = unsafe.Add(a1, 16)
		a2 = unsafe.Add(a2, 16)
		a3 = unsafe.Add(a3, 16)
	}
	for ; k > 0; k-- {
		b0, b1 := load(b), load(unsafe.Add(b, Lanes*4))
		b = unsafe.Add(b, brow)
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

// DenseFilter holds up to four rows of B in registers and walks the matrix once a panel.
func DenseFilter(g *lane.DenseFilter) {
	col := 0
	for ; col+2*Lanes <= g.Cols; col += 2 * Lanes {
		denseFilterPanel(col*4, g)
	}
	if col == g.Cols {
		return
	}
	for m := range g.M {
		b := unsafe.Slice((*float32)(unsafe.Add(g.B, uintptr(m)*g.BRow)), g.Cols)
		a := unsafe.Slice((*float32)(unsafe.Add(g.A, uintptr(m)*g.ARow)), g.K)
		for k, x := range a {
			c := unsafe.Slice((*float32)(unsafe.Add(g.C, uintptr(k)*g.CRow)), g.Cols)
			for j := col; j < len(c); j++ {
				c[j] += x * b[j]
			}
		}
	}
}

func denseFilterPanel(col int, g *lane.DenseFilter) {
	// Rows that are not there count as zero: their A is the first row's, their B stays zero.
	var b00, b01, b10, b11, b20, b21, b30, b31 vec
	a0, a1, a2, a3 := g.A, g.A, g.A, g.A
	b := unsafe.Add(g.B, col)
	b00, b01 = load(b), load(unsafe.Add(b, Lanes*4))
	if g.M > 1 {
		a1 = unsafe.Add(g.A, 1*g.ARow)
		r := unsafe.Add(b, 1*g.BRow)
		b10, b11 = load(r), load(unsafe.Add(r, Lanes*4))
	}
	if g.M > 2 {
		a2 = unsafe.Add(g.A, 2*g.ARow)
		r := unsafe.Add(b, 2*g.BRow)
		b20, b21 = load(r), load(unsafe.Add(r, Lanes*4))
	}
	if g.M > 3 {
		a3 = unsafe.Add(g.A, 3*g.ARow)
		r := unsafe.Add(b, 3*g.BRow)
		b30, b31 = load(r), load(unsafe.Add(r, Lanes*4))
	}
	c := unsafe.Add(g.C, col)
	crow := g.CRow
	k := g.K
	for ; k >= 4; k -= 4 {
		var s0, s1, x vec
		s0 = loadAt(c, 0)
		s1 = loadAt(c, 4)
		x = scalarAt(a0, 0)
		s0 = fma(x, b00, s0)
		s1 = fma(x, b01, s1)
		x = scalarAt(a1, 0)
		s0 = fma(x, b10, s0)
		s1 = fma(x, b11, s1)
		x = scalarAt(a2, 0)
		s0 = fma(x, b20, s0)
		s1 = fma(x, b21, s1)
		x = scalarAt(a3, 0)
		s0 = fma(x, b30, s0)
		s1 = fma(x, b31, s1)
		store(c, s0)
		store(unsafe.Add(c, Lanes*4), s1)
		c = unsafe.Add(c, crow)
		s0 = loadAt(c, 0)
		s1 = loadAt(c, 4)
		x = scalarAt(a0, 4)
		s0 = fma(x, b00, s0)
		s1 = fma(x, b01, s1)
		x = scalarAt(a1, 4)
		s0 = fma(x, b10, s0)
		s1 = fma(x, b11, s1)
		x = scalarAt(a2, 4)
		s0 = fma(x, b20, s0)
		s1 = fma(x, b21, s1)
		x = scalarAt(a3, 4)
		s0 = fma(x, b30, s0)
		s1 = fma(x, b31, s1)
		store(c, s0)
		store(unsafe.Add(c, Lanes*4), s1)
		c = unsafe.Add(c, crow)
		s0 = loadAt(c, 0)
		s1 = loadAt(c, 4)
		x = scalarAt(a0, 8)
		s0 = fma(x, b00, s0)
		s1 = fma(x, b01, s1)
		x = scalarAt(a1, 8)
		s0 = fma(x, b10, s0)
		s1 = fma(x, b11, s1)
		x = scalarAt(a2, 8)
		s0 = fma(x, b20, s0)
		s1 = fma(x, b21, s1)
		x = scalarAt(a3, 8)
		s0 = fma(x, b30, s0)
		s1 = fma(x, b31, s1)
		store(c, s0)
		store(unsafe.Add(c, Lanes*4), s1)
		c = unsafe.Add(c, crow)
		s0 = loadAt(c, 0)
		s1 = loadAt(c, 4)
		x = scalarAt(a0, 12)
		s0 = fma(x, b00, s0)
		s1 = fma(x, b01, s1)
		x = scalarAt(a1, 12)
		s0 = fma(x, b10, s0)
		s1 = fma(x, b11, s1)
		x = scalarAt(a2, 12)
		s0 = fma(x, b20, s0)
		s1 = fma(x, b21, s1)
		x = scalarAt(a3, 12)
		s0 = fma(x, b30, s0)
		s1 = fma(x, b31, s1)
		store(c, s0)
		store(unsafe.Add(c, Lanes*4), s1)
		c = unsafe.Add(c, crow)
		a0 = unsafe.Add(a0, 16)
		a1 = unsafe.Add(a1, 16)
		a2 = unsafe.Add(a2, 16)
		a3 = unsafe.Add(a3, 16)
	}
	for ; k > 0; k-- {
		s0, s1 := load(c), load(unsafe.Add(c, Lanes*4))
		x0 := splat(*(*float32)(a0))
		s0, s1 = fma(x0, b00, s0), fma(x0, b01, s1)
		a0 = unsafe.Add(a0, 4)
		x1 := splat(*(*float32)(a1))
		s0, s1 = fma(x1, b10, s0), fma(x1, b11, s1)
		a1 = unsafe.Add(a1, 4)
		x2 := splat(*(*float32)(a2))
		s0, s1 = fma(x2, b20, s0), fma(x2, b21, s1)
		a2 = unsafe.Add(a2, 4)
		x3 := splat(*(*float32)(a3))
		s0, s1 = fma(x3, b30, s0), fma(x3, b31, s1)
		a3 = unsafe.Add(a3, 4)
		store(c, s0)
		store(unsafe.Add(c, Lanes*4), s1)
		c = unsafe.Add(c, crow)
	}
}
