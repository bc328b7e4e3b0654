//go:build !(goexperiment.simd && go1.27) || !(amd64 || arm64 || wasm)

package kernel

import (
	"unsafe"

	"vaelab/core/kernel/lane"
	"vaelab/core/kernel/lanes1"
)

var names = map[int]string{1: "plain Go (scalar)"}

func available() []int { return []int{1} }

func conv(g *lane.Conv) { lanes1.Conv(g) }

func filter(g *lane.Filter) { lanes1.Filter(g) }

func biasFilter(g *lane.Filter) { lanes1.BiasFilter(g) }

func thin(g *lane.Thin) { lanes1.Thin(g) }

func dots(g *lane.Dots) { lanes1.Dots(g) }

func dense(g *lane.Dense) { lanes1.Dense(g) }

func denseFilter(g *lane.DenseFilter) { lanes1.DenseFilter(g) }

func gate(dst, x, y unsafe.Pointer, n int) { lanes1.Gate(dst, x, y, n) }

func axpy(dst, x unsafe.Pointer, a float32, n int) { lanes1.Axpy(dst, x, a, n) }

func dot(x, y unsafe.Pointer, n int) float32 { return lanes1.Dot(x, y, n) }

func rmsprop(w, g, a unsafe.Pointer, n int, lr, rho, inside, outside float32) {
	lanes1.RMSprop(w, g, a, n, lr, rho, inside, outside)
}

func adam(w, g, m, v unsafe.Pointer, n int, lr, beta1, beta2, epsilon float32) {
	lanes1.Adam(w, g, m, v, n, lr, beta1, beta2, epsilon)
}

func peak(n int, x float32) float32 { return lanes1.Peak(n, x) }

func filterPacked(g *lane.Filter) { lanes1.FilterPacked(g) }

func winogradInput(g *lane.Winograd) { lanes1.WinogradInput(g) }

func winogradOutput(g *lane.Winograd) { lanes1.WinogradOutput(g) }

func winogradGradient(g *lane.Winograd) { lanes1.WinogradGradient(g) }

func winogradKernel(dst unsafe.Pointer, pos uintptr, src unsafe.Pointer, depth int) {
	lanes1.WinogradKernel(dst, pos, src, depth)
}

func winogradFilter(dst unsafe.Pointer, tap uintptr, src unsafe.Pointer, pos uintptr, n int) {
	lanes1.WinogradFilter(dst, tap, src, pos, n)
}
