//go:build goexperiment.simd && go1.27 && wasm

package lanes4

// fma rounds twice: simd128 has no fused multiply-add. The build fuses this very
// sequence into relaxed_madd after the link, for browsers that have it.
func fma(a, b, c vec) vec { return a.Mul(b).Add(c) }
