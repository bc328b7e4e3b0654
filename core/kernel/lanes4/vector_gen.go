// Code generated from core/kernel/gen/vector.tmpl by go generate. DO NOT EDIT.

//go:build goexperiment.simd && go1.27 && (wasm || arm64)

package lanes4

import (
	"math"
	"unsafe"
)

// Gate sets dst[i] = x[i] where y[i] > 0, and 0 elsewhere: ReLU's gradient.
func Gate(dst, x, y unsafe.Pointer, n int) {
	for ; n >= Lanes; n -= Lanes {
		store(dst, gate(load(x), load(y)))
		dst, x, y = unsafe.Add(dst, Lanes*4), unsafe.Add(x, Lanes*4), unsafe.Add(y, Lanes*4)
	}
	for ; n > 0; n-- {
		if *(*float32)(y) > 0 {
			*(*float32)(dst) = *(*float32)(x)
		} else {
			*(*float32)(dst) = 0
		}
		dst, x, y = unsafe.Add(dst, 4), unsafe.Add(x, 4), unsafe.Add(y, 4)
	}
}

// Axpy adds: dst[i] += a·x[i].
func Axpy(dst, x unsafe.Pointer, a float32, n int) {
	v := splat(a)
	for ; n >= 2*Lanes; n -= 2 * Lanes {
		store(dst, fma(v, load(x), load(dst)))
		store(unsafe.Add(dst, Lanes*4), fma(v, load(unsafe.Add(x, Lanes*4)), load(unsafe.Add(dst, Lanes*4))))
		dst, x = unsafe.Add(dst, 2*Lanes*4), unsafe.Add(x, 2*Lanes*4)
	}
	for ; n > 0; n-- {
		*(*float32)(dst) += a * *(*float32)(x)
		dst, x = unsafe.Add(dst, 4), unsafe.Add(x, 4)
	}
}

// Dot returns Σ x[i]·y[i].
func Dot(x, y unsafe.Pointer, n int) float32 {
	var s0, s1, s2, s3 vec
	for ; n >= 4*Lanes; n -= 4 * Lanes {
		s0 = fma(load(x), load(y), s0)
		s1 = fma(load(unsafe.Add(x, Lanes*4)), load(unsafe.Add(y, Lanes*4)), s1)
		s2 = fma(load(unsafe.Add(x, 2*Lanes*4)), load(unsafe.Add(y, 2*Lanes*4)), s2)
		s3 = fma(load(unsafe.Add(x, 3*Lanes*4)), load(unsafe.Add(y, 3*Lanes*4)), s3)
		x, y = unsafe.Add(x, 4*Lanes*4), unsafe.Add(y, 4*Lanes*4)
	}
	var r float32
	for ; n > 0; n-- {
		r += *(*float32)(x) * *(*float32)(y)
		x, y = unsafe.Add(x, 4), unsafe.Add(y, 4)
	}
	return r + sum(add(add(s0, s1), add(s2, s3)))
}

// RMSprop does one update of n weights:
//
//	a ← ρ·a + (1−ρ)·g²;  w ← w − lr·g / (√(a + inside) + outside)
func RMSprop(w, g, a unsafe.Pointer, n int, lr, rho, inside, outside float32) {
	vl, vr, v1 := splat(-lr), splat(rho), splat(1-rho)
	vi, vo := splat(inside), splat(outside)
	for ; n >= Lanes; n -= Lanes {
		d := load(g)
		s := fma(mul(v1, d), d, mul(vr, load(a)))
		store(a, s)
		store(w, add(load(w), div(mul(vl, d), add(sqrt(add(s, vi)), vo))))
		w, g, a = unsafe.Add(w, Lanes*4), unsafe.Add(g, Lanes*4), unsafe.Add(a, Lanes*4)
	}
	for ; n > 0; n-- {
		d := *(*float32)(g)
		s := rho**(*float32)(a) + (1-rho)*d*d
		*(*float32)(a) = s
		*(*float32)(w) -= lr * d / (float32(math.Sqrt(float64(s+inside))) + outside)
		w, g, a = unsafe.Add(w, 4), unsafe.Add(g, 4), unsafe.Add(a, 4)
	}
}

// Adam does one update of n weights, with lr already corrected for the step:
//
//	m ← β₁·m + (1−β₁)·g;  v ← β₂·v + (1−β₂)·g²;  w ← w − lr·m / (√v + ε)
func Adam(w, g, m, v unsafe.Pointer, n int, lr, beta1, beta2, epsilon float32) {
	vl, ve := splat(-lr), splat(epsilon)
	p1, q1, p2, q2 := splat(beta1), splat(1-beta1), splat(beta2), splat(1-beta2)
	for ; n >= Lanes; n -= Lanes {
		d := load(g)
		a := fma(q1, d, mul(p1, load(m)))
		b := fma(mul(q2, d), d, mul(p2, load(v)))
		store(m, a)
		store(v, b)
		store(w, add(load(w), div(mul(vl, a), add(sqrt(b), ve))))
		w, g = unsafe.Add(w, Lanes*4), unsafe.Add(g, Lanes*4)
		m, v = unsafe.Add(m, Lanes*4), unsafe.Add(v, Lanes*4)
	}
	for ; n > 0; n-- {
		d := *(*float32)(g)
		a := beta1**(*float32)(m) + (1-beta1)*d
		b := beta2**(*float32)(v) + (1-beta2)*d*d
		*(*float32)(m), *(*float32)(v) = a, b
		*(*float32)(w) -= lr * a / (float32(math.Sqrt(float64(b))) + epsilon)
		w, g = unsafe.Add(w, 4), unsafe.Add(g, 4)
		m, v = unsafe.Add(m, 4), unsafe.Add(v, 4)
	}
}

// Peak runs 8·n independent multiply-adds of a vector in registers, and returns
// their sum so that nothing can drop them: the limit that tiles are held against.
func Peak(n int, x float32) float32 {
	v, w := splat(x), splat(1-x)
	// Different starts: equal chains would be computed once.
	s0 := splat(x + 0)
	s1 := splat(x + 1)
	s2 := splat(x + 2)
	s3 := splat(x + 3)
	s4 := splat(x + 4)
	s5 := splat(x + 5)
	s6 := splat(x + 6)
	s7 := splat(x + 7)
	for ; n > 0; n -= 8 {
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
		s0, s1, s2, s3 = fma(s0, w, v), fma(s1, w, v), fma(s2, w, v), fma(s3, w, v)
		s4, s5, s6, s7 = fma(s4, w, v), fma(s5, w, v), fma(s6, w, v), fma(s7, w, v)
	}
	return sum(add(add(add(s0, s1), add(s2, s3)), add(add(s4, s5), add(s6, s7))))
}
