export GOTOOLCHAIN := go1.27.4
export GOEXPERIMENT := simd
