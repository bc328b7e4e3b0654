package kernel

import "unsafe"

// Plane is the geometry of one image in memory: H×W pixels of C channels (NHWC)
// inside a border of zero pixels, Before of them above and to the left, After
// below and to the right. The border is what 'same' padding reads.
type Plane struct {
	H, W, C       int
	Before, After int
}

// Pitch is the number of floats from one row to the next.
func (p Plane) Pitch() int { return (p.Before + p.W + p.After) * p.C }

// Size is the number of floats of the image with its border.
func (p Plane) Size() int { return (p.Before + p.H + p.After) * p.Pitch() }

// Origin is the index of pixel (0, 0), channel 0.
func (p Plane) Origin() int { return p.Before*p.Pitch() + p.Before*p.C }

// at returns a pointer to pixel (y, x), which may lie in the border.
func (p Plane) at(data []float32, y, x int) unsafe.Pointer {
	return unsafe.Pointer(&data[p.Origin()+y*p.Pitch()+x*p.C])
}

func (p Plane) check(data []float32) {
	if len(data) < p.Size() {
		panic("kernel: image buffer is smaller than its plane")
	}
}

func bytes(floats int) uintptr { return uintptr(floats) * 4 }
