// Package lanes1 is the register tiles in plain Go: what runs where there is no
// SIMD, and the reference for the vector widths, which share its source.
package lanes1

import (
	"math"
	"unsafe"
)

type vec = float32

// Lanes is the number of float32 values in a vector.
const Lanes = 1

func loadAt(p unsafe.Pointer, offset uintptr) vec       { return *(*float32)(unsafe.Add(p, offset)) }
func scalarAt(p unsafe.Pointer, offset uintptr) float32 { return *(*float32)(unsafe.Add(p, offset)) }

func next(p unsafe.Pointer, step uintptr) unsafe.Pointer { return unsafe.Add(p, step) }

func load(p unsafe.Pointer) vec     { return *(*float32)(p) }
func store(p unsafe.Pointer, v vec) { *(*float32)(p) = v }
func splat(x float32) vec           { return x }
func fma(a, b, c vec) vec           { return a*b + c }
func add(a, b vec) vec              { return a + b }
func sub(a, b vec) vec              { return a - b }
func mul(a, b vec) vec              { return a * b }
func zero() vec                     { return 0 }
func div(a, b vec) vec              { return a / b }
func sqrt(a vec) vec                { return float32(math.Sqrt(float64(a))) }
func largest(a, b vec) vec          { return max(a, b) }

// gate returns x where y > 0, and 0 elsewhere.
func gate(x, y vec) vec {
	if y > 0 {
		return x
	}
	return 0
}

// sum adds the lanes.
func sum(v vec) float32 { return v }
