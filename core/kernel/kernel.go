// Package kernel is the arithmetic of the model on flat []float32: convolutions
// over padded NHWC images by register tiles, dense layers, and the updates of
// the optimisers. Nothing here allocates or returns an error; a wrong size
// panics, which is a fault of the caller's code.
//
// The tiles below exist once as templates (gen/) and once per vector width
// (lanes1, lanes4, lanes8, lanes16). The widest that the CPU has is chosen at
// start. Functions here walk images and panels and know the width by name only.
//
//go:generate go run ./gen
package kernel

// width is the vector width in use: 1, 4, 8 or 16 lanes.
var width = widest()

// Lanes returns the number of float32 values in a vector of the tiles in use.
func Lanes() int { return width }

// Name says which tiles are in use.
func Name() string { return names[width] }

// Widths lists the widths that this build can run on this CPU, narrowest first.
func Widths() []int { return available() }

// Use switches to another of [Widths], for tests and benchmarks: not while
// another goroutine computes, and weights packed before are void.
func Use(lanes int) {
	for _, w := range available() {
		if w == lanes {
			width = lanes
			return
		}
	}
	panic("kernel: this CPU or build does not have that vector width")
}

func widest() int {
	w := available()
	return w[len(w)-1]
}

// panel is the number of output columns that a tile computes.
func panel() int { return 2 * width }

// Slack is the number of floats that must follow every buffer given to this
// package inside the same allocation: tiles read whole vectors at the edges of
// narrow layers, and pointers step one row beyond the last.
const Slack = 32 << 10
