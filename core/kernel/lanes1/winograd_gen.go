// Code generated from core/kernel/gen/winograd.tmpl by go generate. DO NOT EDIT.

package lanes1

import (
	"unsafe"

	"vaelab/core/kernel/lane"
)

// Winograd's F(4×4, 3×3) with the points 0, ±√½, ±√2 and ∞ (A. Lavin, S. Gray, "Fast
// Algorithms for Convolutional Neural Networks", 2016; the points: B. Barabasz et al.,
// "Error Analysis and Improving the Accuracy of Winograd Convolution", 2020). With a = √½
// and b = √2 = 1/a its matrices are
//
//	    ⎡1   0   −2.5  0    1  0⎤        ⎡  1      0     0 ⎤        ⎡1  1   1   1   1   0⎤
//	    ⎢0 −2a  −2     a    1  0⎥        ⎢−2/3  −2a/3  −1/3⎥   Aᵀ = ⎢0  a  −a   b  −b   0⎥
//	Bᵀ =⎢0  2a  −2    −a    1  0⎥   G =  ⎢−2/3   2a/3  −1/3⎥        ⎢0  ½   ½   2   2   0⎥
//	    ⎢0 −b/2 −½     b    1  0⎥        ⎢ 1/6   b/6    1/3⎥        ⎣0 a/2 −a/2 2b −2b  1⎦
//	    ⎢0  b/2 −½    −b    1  0⎥        ⎢ 1/6  −b/6    1/3⎥
//	    ⎣0   1   0   −2.5   0  1⎦        ⎣  0      0     1 ⎦
//
// and a 4×4 tile of the output is Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A. Each transform below goes over
// the columns of a tile first and over its rows then, a vector of channels at a time.
const (
	rootHalf = 0.70710678118654752440
	rootTwo  = 1.41421356237309504880
)

// WinogradInput writes V = Bᵀ d B for every 6×6 window of an image.
func WinogradInput(g *lane.Winograd) {
	var tmp [36 * Lanes]float32
	va, vb, v2, vh, v25 := splat(rootHalf), splat(rootTwo), splat(-2), splat(-0.5), splat(-2.5)
	for ty := range g.TilesY {
		for tx := range g.TilesX {
			window := unsafe.Add(g.Image, uintptr(4*ty)*g.Row+uintptr(4*tx)*g.Pix)
			tile := unsafe.Add(g.Tiles, (ty*g.TilesX+tx)*g.Cols*4)
			for c := 0; c < g.Cols; c += Lanes {
				src := unsafe.Add(window, c*4)
				t := unsafe.Pointer(&tmp)
				for range 6 {
					d0 := load(src)
					d1 := load(unsafe.Add(src, g.Row))
					d2 := load(unsafe.Add(src, 2*g.Row))
					d3 := load(unsafe.Add(src, 3*g.Row))
					d4 := load(unsafe.Add(src, 4*g.Row))
					d5 := load(unsafe.Add(src, 5*g.Row))

					e1 := fma(v2, d2, d4)
					e2 := mul(va, fma(v2, d1, d3))
					e3 := fma(vh, d2, d4)
					e4 := mul(vb, fma(vh, d1, d3))
					r0 := add(fma(v25, d2, d0), d4)
					r1 := add(e1, e2)
					r2 := sub(e1, e2)
					r3 := add(e3, e4)
					r4 := sub(e3, e4)
					r5 := add(fma(v25, d3, d1), d5)

					store(unsafe.Add(t, 0), r0)
					store(unsafe.Add(t, 24), r1)
					store(unsafe.Add(t, 48), r2)
					store(unsafe.Add(t, 72), r3)
					store(unsafe.Add(t, 96), r4)
					store(unsafe.Add(t, 120), r5)
					t = unsafe.Add(t, Lanes*4)
					src = unsafe.Add(src, g.Pix)
				}
				t = unsafe.Pointer(&tmp)
				dst := unsafe.Add(tile, c*4)
				for range 6 {

					d0 := load(unsafe.Add(t, 0))
					d1 := load(unsafe.Add(t, 4))
					d2 := load(unsafe.Add(t, 8))
					d3 := load(unsafe.Add(t, 12))
					d4 := load(unsafe.Add(t, 16))
					d5 := load(unsafe.Add(t, 20))

					e1 := fma(v2, d2, d4)
					e2 := mul(va, fma(v2, d1, d3))
					e3 := fma(vh, d2, d4)
					e4 := mul(vb, fma(vh, d1, d3))
					r0 := add(fma(v25, d2, d0), d4)
					r1 := add(e1, e2)
					r2 := sub(e1, e2)
					r3 := add(e3, e4)
					r4 := sub(e3, e4)
					r5 := add(fma(v25, d3, d1), d5)

					store(dst, r0)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, r1)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, r2)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, r3)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, r4)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, r5)
					dst = unsafe.Add(dst, g.Pos)
					t = unsafe.Add(t, 6*Lanes*4)
				}
			}
		}
	}
}

// WinogradOutput writes the image max(Floor, Bias + AᵀMA), clipped to W×H pixels.
func WinogradOutput(g *lane.Winograd) {
	var tmp [24 * Lanes]float32
	va, vb, v2, vh, floor := splat(rootHalf), splat(rootTwo), splat(2), splat(0.5), splat(g.Floor)
	for ty := range g.TilesY {
		for tx := range g.TilesX {
			pixel := unsafe.Add(g.Image, uintptr(4*ty)*g.Row+uintptr(4*tx)*g.Pix)
			tile := unsafe.Add(g.Tiles, (ty*g.TilesX+tx)*g.Cols*4)
			rows, columns := min(4, g.H-4*ty), min(4, g.W-4*tx)
			for c := 0; c < g.Cols; c += Lanes {
				bias := load(unsafe.Add(g.Bias, c*4))
				src := unsafe.Add(tile, c*4)
				t := unsafe.Pointer(&tmp)
				for range 6 {
					m0 := load(src)
					m1 := load(unsafe.Add(src, 6*g.Pos))
					m2 := load(unsafe.Add(src, 12*g.Pos))
					m3 := load(unsafe.Add(src, 18*g.Pos))
					m4 := load(unsafe.Add(src, 24*g.Pos))
					m5 := load(unsafe.Add(src, 30*g.Pos))

					p1 := add(m1, m2)
					q1 := mul(va, sub(m1, m2))
					p3 := add(m3, m4)
					q3 := mul(vb, sub(m3, m4))
					y0 := add(m0, add(p1, p3))
					y1 := add(q1, q3)
					y2 := fma(v2, p3, mul(vh, p1))
					y3 := add(fma(v2, q3, mul(vh, q1)), m5)

					store(unsafe.Add(t, 0), y0)
					store(unsafe.Add(t, 24), y1)
					store(unsafe.Add(t, 48), y2)
					store(unsafe.Add(t, 72), y3)
					t = unsafe.Add(t, Lanes*4)
					src = unsafe.Add(src, g.Pos)
				}
				t = unsafe.Pointer(&tmp)
				row := unsafe.Add(pixel, c*4)
				for range rows {

					m0 := load(unsafe.Add(t, 0))
					m1 := load(unsafe.Add(t, 4))
					m2 := load(unsafe.Add(t, 8))
					m3 := load(unsafe.Add(t, 12))
					m4 := load(unsafe.Add(t, 16))
					m5 := load(unsafe.Add(t, 20))

					p1 := add(m1, m2)
					q1 := mul(va, sub(m1, m2))
					p3 := add(m3, m4)
					q3 := mul(vb, sub(m3, m4))
					y0 := add(m0, add(p1, p3))
					y1 := add(q1, q3)
					y2 := fma(v2, p3, mul(vh, p1))
					y3 := add(fma(v2, q3, mul(vh, q1)), m5)
					dst := row
					store(dst, largest(add(y0, bias), floor))

					if columns > 1 {
						dst = unsafe.Add(dst, g.Pix)
						store(dst, largest(add(y1, bias), floor))
					}
					if columns > 2 {
						dst = unsafe.Add(dst, g.Pix)
						store(dst, largest(add(y2, bias), floor))
					}
					if columns > 3 {
						dst = unsafe.Add(dst, g.Pix)
						store(dst, largest(add(y3, bias), floor))
					}
					t = unsafe.Add(t, 6*Lanes*4)
					row = unsafe.Add(row, g.Row)
				}
			}
		}
	}
}

// WinogradGradient writes A dY Aᵀ for every 4×4 tile of an image of gradients.
func WinogradGradient(g *lane.Winograd) {
	var tmp [24 * Lanes]float32
	va, vb, v2, vh := splat(rootHalf), splat(rootTwo), splat(2), splat(0.5)
	for ty := range g.TilesY {
		for tx := range g.TilesX {
			pixel := unsafe.Add(g.Image, uintptr(4*ty)*g.Row+uintptr(4*tx)*g.Pix)
			tile := unsafe.Add(g.Tiles, (ty*g.TilesX+tx)*g.Cols*4)
			for c := 0; c < g.Cols; c += Lanes {
				src := unsafe.Add(pixel, c*4)
				t := unsafe.Pointer(&tmp)
				for range 4 {
					y0 := load(src)
					y1 := load(unsafe.Add(src, g.Row))
					y2 := load(unsafe.Add(src, 2*g.Row))
					y3 := load(unsafe.Add(src, 3*g.Row))

					e1 := fma(vh, y2, y0)
					o1 := mul(va, fma(vh, y3, y1))
					e3 := fma(v2, y2, y0)
					o3 := mul(vb, fma(v2, y3, y1))
					q0 := y0
					q1 := add(e1, o1)
					q2 := sub(e1, o1)
					q3 := add(e3, o3)
					q4 := sub(e3, o3)
					q5 := y3

					store(unsafe.Add(t, 0), q0)
					store(unsafe.Add(t, 16), q1)
					store(unsafe.Add(t, 32), q2)
					store(unsafe.Add(t, 48), q3)
					store(unsafe.Add(t, 64), q4)
					store(unsafe.Add(t, 80), q5)
					t = unsafe.Add(t, Lanes*4)
					src = unsafe.Add(src, g.Pix)
				}
				t = unsafe.Pointer(&tmp)
				dst := unsafe.Add(tile, c*4)
				for range 6 {

					y0 := load(unsafe.Add(t, 0))
					y1 := load(unsafe.Add(t, 4))
					y2 := load(unsafe.Add(t, 8))
					y3 := load(unsafe.Add(t, 12))

					e1 := fma(vh, y2, y0)
					o1 := mul(va, fma(vh, y3, y1))
					e3 := fma(v2, y2, y0)
					o3 := mul(vb, fma(v2, y3, y1))
					q0 := y0
					q1 := add(e1, o1)
					q2 := sub(e1, o1)
					q3 := add(e3, o3)
					q4 := sub(e3, o3)
					q5 := y3

					store(dst, q0)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, q1)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, q2)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, q3)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, q4)
					dst = unsafe.Add(dst, g.Pos)
					store(dst, q5)
					dst = unsafe.Add(dst, g.Pos)
					t = unsafe.Add(t, 4*Lanes*4)
				}
			}
		}
	}
}

// WinogradKernel writes U = G g Gᵀ. It takes a panel as package kernel packs it, rows
// of taps × depth of two vectors, and writes 36 panels of depth rows, pos bytes apart.
func WinogradKernel(dst unsafe.Pointer, pos uintptr, src unsafe.Pointer, depth int) {
	var tmp [18 * Lanes]float32
	v23, v13, v16 := splat(-2.0/3), splat(1.0/3), splat(1.0/6)
	va, vb := splat(-2*rootHalf/3), splat(rootTwo/6)
	tap := uintptr(depth) * 2 * Lanes * 4
	for range 2 * depth {
		s, t := src, unsafe.Pointer(&tmp)
		for range 3 {
			g0 := load(s)
			g1 := load(unsafe.Add(s, 3*tap))
			g2 := load(unsafe.Add(s, 6*tap))

			e1 := fma(v23, g0, mul(v13, sub(zero(), g2)))
			o1 := mul(va, g1)
			e3 := fma(v16, g0, mul(v13, g2))
			o3 := mul(vb, g1)
			u0 := g0
			u1 := add(e1, o1)
			u2 := sub(e1, o1)
			u3 := add(e3, o3)
			u4 := sub(e3, o3)
			u5 := g2

			store(unsafe.Add(t, 0), u0)
			store(unsafe.Add(t, 12), u1)
			store(unsafe.Add(t, 24), u2)
			store(unsafe.Add(t, 36), u3)
			store(unsafe.Add(t, 48), u4)
			store(unsafe.Add(t, 60), u5)
			t = unsafe.Add(t, Lanes*4)
			s = unsafe.Add(s, tap)
		}
		t = unsafe.Pointer(&tmp)
		d := dst
		for range 6 {

			g0 := load(unsafe.Add(t, 0))
			g1 := load(unsafe.Add(t, 4))
			g2 := load(unsafe.Add(t, 8))

			e1 := fma(v23, g0, mul(v13, sub(zero(), g2)))
			o1 := mul(va, g1)
			e3 := fma(v16, g0, mul(v13, g2))
			o3 := mul(vb, g1)
			u0 := g0
			u1 := add(e1, o1)
			u2 := sub(e1, o1)
			u3 := add(e3, o3)
			u4 := sub(e3, o3)
			u5 := g2

			store(d, u0)
			d = unsafe.Add(d, pos)
			store(d, u1)
			d = unsafe.Add(d, pos)
			store(d, u2)
			d = unsafe.Add(d, pos)
			store(d, u3)
			d = unsafe.Add(d, pos)
			store(d, u4)
			d = unsafe.Add(d, pos)
			store(d, u5)
			d = unsafe.Add(d, pos)
			t = unsafe.Add(t, 3*Lanes*4)
		}
		src, dst = unsafe.Add(src, Lanes*4), unsafe.Add(dst, Lanes*4)
	}
}

// WinogradFilter adds Gᵀ dU G, 3×3 taps of n values tap bytes apart, from 36 arrays
// of n values pos bytes apart.
func WinogradFilter(dst unsafe.Pointer, tap uintptr, src unsafe.Pointer, pos uintptr, n int) {
	var tmp [18 * Lanes]float32
	v23, v13, v16 := splat(-2.0/3), splat(1.0/3), splat(1.0/6)
	va, vb := splat(-2*rootHalf/3), splat(rootTwo/6)
	for ; n > 0; n -= Lanes {
		s, t := src, unsafe.Pointer(&tmp)
		for range 6 {
			u0 := load(s)
			u1 := load(unsafe.Add(s, 6*pos))
			u2 := load(unsafe.Add(s, 12*pos))
			u3 := load(unsafe.Add(s, 18*pos))
			u4 := load(unsafe.Add(s, 24*pos))
			u5 := load(unsafe.Add(s, 30*pos))

			p1 := add(u1, u2)
			p3 := add(u3, u4)
			w0 := fma(v23, p1, fma(v16, p3, u0))
			w1 := fma(va, sub(u1, u2), mul(vb, sub(u3, u4)))
			w2 := fma(v13, sub(p3, p1), u5)

			store(unsafe.Add(t, 0), w0)
			store(unsafe.Add(t, 24), w1)
			store(unsafe.Add(t, 48), w2)
			t = unsafe.Add(t, Lanes*4)
			s = unsafe.Add(s, pos)
		}
		t = unsafe.Pointer(&tmp)
		d := dst
		for range 3 {

			u0 := load(unsafe.Add(t, 0))
			u1 := load(unsafe.Add(t, 4))
			u2 := load(unsafe.Add(t, 8))
			u3 := load(unsafe.Add(t, 12))
			u4 := load(unsafe.Add(t, 16))
			u5 := load(unsafe.Add(t, 20))

			p1 := add(u1, u2)
			p3 := add(u3, u4)
			w0 := fma(v23, p1, fma(v16, p3, u0))
			w1 := fma(va, sub(u1, u2), mul(vb, sub(u3, u4)))
			w2 := fma(v13, sub(p3, p1), u5)

			store(d, add(load(d), w0))
			d = unsafe.Add(d, tap)
			store(d, add(load(d), w1))
			d = unsafe.Add(d, tap)
			store(d, add(load(d), w2))
			d = unsafe.Add(d, tap)
			t = unsafe.Add(t, 6*Lanes*4)
		}
		src, dst = unsafe.Add(src, Lanes*4), unsafe.Add(dst, Lanes*4)
	}
}
