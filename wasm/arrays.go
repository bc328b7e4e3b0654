//go:build js && wasm

package main

import (
	"math"
	"strconv"
	"syscall/js"
	"unsafe"
)

// Typed arrays cross the border whole, in one copy. Go's memory may move when it
// grows, so JavaScript is never given a view of it.

var (
	uint8Array   = js.Global().Get("Uint8Array")
	float32Array = js.Global().Get("Float32Array")
)

// bytesIn copies a Uint8Array into Go.
func bytesIn(name string, v js.Value) ([]byte, error) {
	if v.Type() != js.TypeObject || !v.InstanceOf(uint8Array) {
		return nil, inputError(name + " is not a Uint8Array")
	}
	b := make([]byte, v.Length())
	js.CopyBytesToGo(b, v)
	return b, nil
}

// floatsIn copies a Float32Array into Go and refuses what is not finite.
func floatsIn(name string, v js.Value) ([]float32, error) {
	if v.Type() != js.TypeObject || !v.InstanceOf(float32Array) {
		return nil, inputError(name + " is not a Float32Array")
	}
	f := make([]float32, v.Length())
	js.CopyBytesToGo(bytesOf(f), uint8Array.New(v.Get("buffer"), v.Get("byteOffset"), v.Get("byteLength")))
	for i, x := range f {
		if x-x != 0 {
			return nil, inputError(name + "[" + strconv.Itoa(i) + "] is " +
				strconv.FormatFloat(float64(x), 'g', -1, 32) + ", want a finite number")
		}
	}
	return f, nil
}

// bytesOut returns b as a new Uint8Array.
func bytesOut(b []byte) js.Value {
	v := uint8Array.New(len(b))
	js.CopyBytesToJS(v, b)
	return v
}

// floatsOut returns f as a new Float32Array.
func floatsOut(f []float32) js.Value {
	v := float32Array.New(len(f))
	js.CopyBytesToJS(uint8Array.New(v.Get("buffer")), bytesOf(f))
	return v
}

// bytesOf views f as its little-endian bytes, which is what both sides use.
func bytesOf(f []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(f))), 4*len(f))
}

// grey rounds probabilities in [0,1] to pixels.
func grey(p []float32) []byte {
	b := make([]byte, len(p))
	for i, x := range p {
		b[i] = byte(math.Round(float64(x) * 255))
	}
	return b
}
