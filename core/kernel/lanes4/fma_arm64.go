//go:build goexperiment.simd && go1.27 && arm64

package lanes4

func fma(a, b, c vec) vec { return a.MulAdd(b, c) }
