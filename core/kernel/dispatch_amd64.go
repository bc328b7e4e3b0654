//go:build goexperiment.simd && go1.27

package kernel

import (
	"simd/archsimd"
	"unsafe"

	"vaelab/core/kernel/lane"
	"vaelab/core/kernel/lanes1"
	"vaelab/core/kernel/lanes16"
	"vaelab/core/kernel/lanes8"
)

var names = map[int]string{1: "plain Go (scalar)", 8: "AVX2 (8 lanes)", 16: "AVX-512 (16 lanes)"}

func available() []int {
	switch {
	case archsimd.X86.AVX512() && archsimd.X86.FMA():
		return []int{1, 8, 16}
	case archsimd.X86.AVX2() && archsimd.X86.FMA():
		return []int{1, 8}
	}
	return []int{1}
}

// The calls below are static, so that arguments stay on the caller's stack.

func conv(g *lane.Conv) {
	switch width {
	case 16:
		lanes16.Conv(g)
	case 8:
		lanes8.Conv(g)
	default:
		lanes1.Conv(g)
	}
}

func filter(g *lane.Filter) {
	switch width {
	case 16:
		lanes16.Filter(g)
	case 8:
		lanes8.Filter(g)
	default:
		lanes1.Filter(g)
	}
}

func biasFilter(g *lane.Filter) {
	switch width {
	case 16:
		lanes16.BiasFilter(g)
	case 8:
		lanes8.BiasFilter(g)
	default:
		lanes1.BiasFilter(g)
	}
}

func thin(g *lane.Thin) {
	switch width {
	case 16:
		lanes16.Thin(g)
	case 8:
		lanes8.Thin(g)
	default:
		lanes1.Thin(g)
	}
}

func dots(g *lane.Dots) {
	switch width {
	case 16:
		lanes16.Dots(g)
	case 8:
		lanes8.Dots(g)
	default:
		lanes1.Dots(g)
	}
}

func dense(g *lane.Dense) {
	switch width {
	case 16:
		lanes16.Dense(g)
	case 8:
		lanes8.Dense(g)
	default:
		lanes1.Dense(g)
	}
}

func denseFilter(g *lane.DenseFilter) {
	switch width {
	case 16:
		lanes16.DenseFilter(g)
	case 8:
		lanes8.DenseFilter(g)
	default:
		lanes1.DenseFilter(g)
	}
}

func gate(dst, x, y unsafe.Pointer, n int) {
	switch width {
	case 16:
		lanes16.Gate(dst, x, y, n)
	case 8:
		lanes8.Gate(dst, x, y, n)
	default:
		lanes1.Gate(dst, x, y, n)
	}
}

func axpy(dst, x unsafe.Pointer, a float32, n int) {
	switch width {
	case 16:
		lanes16.Axpy(dst, x, a, n)
	case 8:
		lanes8.Axpy(dst, x, a, n)
	default:
		lanes1.Axpy(dst, x, a, n)
	}
}

func dot(x, y unsafe.Pointer, n int) float32 {
	switch width {
	case 16:
		return lanes16.Dot(x, y, n)
	case 8:
		return lanes8.Dot(x, y, n)
	default:
		return lanes1.Dot(x, y, n)
	}
}

func rmsprop(w, g, a unsafe.Pointer, n int, lr, rho, inside, outside float32) {
	switch width {
	case 16:
		lanes16.RMSprop(w, g, a, n, lr, rho, inside, outside)
	case 8:
		lanes8.RMSprop(w, g, a, n, lr, rho, inside, outside)
	default:
		lanes1.RMSprop(w, g, a, n, lr, rho, inside, outside)
	}
}

func adam(w, g, m, v unsafe.Pointer, n int, lr, beta1, beta2, epsilon float32) {
	switch width {
	case 16:
		lanes16.Adam(w, g, m, v, n, lr, beta1, beta2, epsilon)
	case 8:
		lanes8.Adam(w, g, m, v, n, lr, beta1, beta2, epsilon)
	default:
		lanes1.Adam(w, g, m, v, n, lr, beta1, beta2, epsilon)
	}
}

func peak(n int, x float32) float32 {
	switch width {
	case 16:
		return lanes16.Peak(n, x)
	case 8:
		return lanes8.Peak(n, x)
	default:
		return lanes1.Peak(n, x)
	}
}

func filterPacked(g *lane.Filter) {
	switch width {
	case 16:
		lanes16.FilterPacked(g)
	case 8:
		lanes8.FilterPacked(g)
	default:
		lanes1.FilterPacked(g)
	}
}

func winogradInput(g *lane.Winograd) {
	switch width {
	case 16:
		lanes16.WinogradInput(g)
	case 8:
		lanes8.WinogradInput(g)
	default:
		lanes1.WinogradInput(g)
	}
}

func winogradOutput(g *lane.Winograd) {
	switch width {
	case 16:
		lanes16.WinogradOutput(g)
	case 8:
		lanes8.WinogradOutput(g)
	default:
		lanes1.WinogradOutput(g)
	}
}

func winogradGradient(g *lane.Winograd) {
	switch width {
	case 16:
		lanes16.WinogradGradient(g)
	case 8:
		lanes8.WinogradGradient(g)
	default:
		lanes1.WinogradGradient(g)
	}
}

func winogradKernel(dst unsafe.Pointer, pos uintptr, src unsafe.Pointer, depth int) {
	switch width {
	case 16:
		lanes16.WinogradKernel(dst, pos, src, depth)
	case 8:
		lanes8.WinogradKernel(dst, pos, src, depth)
	default:
		lanes1.WinogradKernel(dst, pos, src, depth)
	}
}

func winogradFilter(dst unsafe.Pointer, tap uintptr, src unsafe.Pointer, pos uintptr, n int) {
	switch width {
	case 16:
		lanes16.WinogradFilter(dst, tap, src, pos, n)
	case 8:
		lanes8.WinogradFilter(dst, tap, src, pos, n)
	default:
		lanes1.WinogradFilter(dst, tap, src, pos, n)
	}
}
