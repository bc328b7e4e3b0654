//go:build goexperiment.simd && go1.27

package kernel

import (
	"unsafe"

	"vaelab/core/kernel/lane"
	"vaelab/core/kernel/lanes4"
)

var names = map[int]string{4: "NEON (4 lanes)"}

func available() []int { return []int{4} }

func conv(g *lane.Conv) { lanes4.Conv(g) }

func filter(g *lane.Filter) { lanes4.Filter(g) }

func biasFilter(g *lane.Filter) { lanes4.BiasFilter(g) }

func thin(g *lane.Thin) { lanes4.Thin(g) }

func dots(g *lane.Dots) { lanes4.Dots(g) }

func dense(g *lane.Dense) { lanes4.Dense(g) }

func denseFilter(g *lane.DenseFilter) { lanes4.DenseFilter(g) }

func gate(dst, x, y unsafe.Pointer, n int) { lanes4.Gate(dst, x, y, n) }

func axpy(dst, x unsafe.Pointer, a float32, n int) { lanes4.Axpy(dst, x, a, n) }

func dot(x, y unsafe.Pointer, n int) float32 { return lanes4.Dot(x, y, n) }

func rmsprop(w, g, a unsafe.Pointer, n int, lr, rho, inside, outside float32) {
	lanes4.RMSprop(w, g, a, n, lr, rho, inside, outside)
}

func adam(w, g, m, v unsafe.Pointer, n int, lr, beta1, beta2, epsilon float32) {
	lanes4.Adam(w, g, m, v, n, lr, beta1, beta2, epsilon)
}

func peak(n int, x float32) float32 { return lanes4.Peak(n, x) }

func filterPacked(g *lane.Filter) { lanes4.FilterPacked(g) }

func winogradInput(g *lane.Winograd) { lanes4.WinogradInput(g) }

func winogradOutput(g *lane.Winograd) { lanes4.WinogradOutput(g) }

func winogradGradient(g *lane.Winograd) { lanes4.WinogradGradient(g) }

func winogradKernel(dst unsafe.Pointer, pos uintptr, src unsafe.Pointer, depth int) {
	lanes4.WinogradKernel(dst, pos, src, depth)
}

func winogradFilter(dst unsafe.Pointer, tap uintptr, src unsafe.Pointer, pos uintptr, n int) {
	lanes4.WinogradFilter(dst, tap, src, pos, n)
}
