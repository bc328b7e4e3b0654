package kernel

import "unsafe"

func check(n int, others ...int) {
	for _, o := range others {
		if o < n {
			panic("kernel: a vector is too short")
		}
	}
}

// Gate sets dst[i] = x[i] where y[i] > 0 and 0 elsewhere: the gradient x of a ReLU
// whose output was y. dst may be x.
func Gate(dst, x, y []float32) {
	if n := len(dst); n > 0 {
		check(n, len(x), len(y))
		gate(unsafe.Pointer(&dst[0]), unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), n)
	}
}

// Axpy adds: dst[i] += a·x[i].
func Axpy(dst, x []float32, a float32) {
	if n := len(dst); n > 0 {
		check(n, len(x))
		axpy(unsafe.Pointer(&dst[0]), unsafe.Pointer(&x[0]), a, n)
	}
}

// Dot returns Σ x[i]·y[i].
func Dot(x, y []float32) float32 {
	if len(x) == 0 {
		return 0
	}
	check(len(x), len(y))
	return dot(unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), len(x))
}

// RMSprop does one update with running mean a of squared gradients:
//
//	a ← ρ·a + (1−ρ)·g²;  w ← w − lr·g / (√(a + inside) + outside)
//
// Keras 2.2 to 2.10 puts ε outside the root, Keras 2.15 and 3 inside.
func RMSprop(w, g, a []float32, lr, rho, inside, outside float32) {
	if n := len(w); n > 0 {
		check(n, len(g), len(a))
		rmsprop(unsafe.Pointer(&w[0]), unsafe.Pointer(&g[0]), unsafe.Pointer(&a[0]), n, lr, rho, inside, outside)
	}
}

// Adam does one update with moments m and v, lr corrected for the step by the caller:
//
//	m ← β₁·m + (1−β₁)·g;  v ← β₂·v + (1−β₂)·g²;  w ← w − lr·m / (√v + ε)
func Adam(w, g, m, v []float32, lr, beta1, beta2, epsilon float32) {
	if n := len(w); n > 0 {
		check(n, len(g), len(m), len(v))
		adam(unsafe.Pointer(&w[0]), unsafe.Pointer(&g[0]), unsafe.Pointer(&m[0]), unsafe.Pointer(&v[0]), n, lr, beta1, beta2, epsilon)
	}
}

var peakSink float32

// FMAPeak runs multiply-adds of the width in use in registers only and returns how
// many floating-point operations they were: time it to know the limit of a core.
func FMAPeak(iterations int) (flop int64) {
	n := (iterations + 7) &^ 7
	peakSink = peak(n, 0.5)
	return int64(n) * 8 * int64(width) * 2
}
