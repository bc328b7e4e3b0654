//go:build goexperiment.simd && go1.27

package main

// builtWithSIMD says that the kernels of this binary may use vector registers.
const builtWithSIMD = true
