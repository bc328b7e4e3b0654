//go:build goexperiment.simd && go1.27 && amd64

// Package lanes16 is the register tiles for AVX-512: sixteen lanes.
package lanes16

import (
	"simd/archsimd"
	"unsafe"
)

type vec = archsimd.Float32x16

// Lanes is the number of float32 values in a vector.
const Lanes = 16

func loadAt(p unsafe.Pointer, offset uintptr) vec {
	return archsimd.LoadFloat32x16Array((*[16]float32)(unsafe.Add(p, offset)))
}
func scalarAt(p unsafe.Pointer, offset uintptr) float32 { return *(*float32)(unsafe.Add(p, offset)) }

func next(p unsafe.Pointer, step uintptr) unsafe.Pointer { return unsafe.Add(p, step) }

func load(p unsafe.Pointer) vec     { return archsimd.LoadFloat32x16Array((*[16]float32)(p)) }
func store(p unsafe.Pointer, v vec) { v.StoreArray((*[16]float32)(p)) }
func splat(x float32) vec           { return archsimd.BroadcastFloat32x16(x) }
func fma(a, b, c vec) vec           { return a.MulAdd(b, c) }
func add(a, b vec) vec              { return a.Add(b) }
func sub(a, b vec) vec              { return a.Sub(b) }
func mul(a, b vec) vec              { return a.Mul(b) }
func zero() (z vec)                 { return }
func div(a, b vec) vec              { return a.Div(b) }
func sqrt(a vec) vec                { return a.Sqrt() }
func largest(a, b vec) vec          { return a.Max(b) }

// gate returns x where y > 0, and 0 elsewhere.
func gate(x, y vec) vec { return x.Masked(y.Greater(splat(0))) }

// sum adds the lanes: halves first, then neighbours.
func sum(v vec) float32 {
	var t [4]float32
	h := v.GetLo().Add(v.GetHi())
	h.GetLo().Add(h.GetHi()).StoreArray(&t)
	return (t[0] + t[1]) + (t[2] + t[3])
}
