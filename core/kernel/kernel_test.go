package kernel_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"vaelab/core/kernel"
	"vaelab/core/ref"
)

// everyWidth runs a test with each vector width of this machine, plain Go included.
func everyWidth(t *testing.T, f func(t *testing.T)) {
	was := kernel.Lanes()
	defer kernel.Use(was)
	for _, w := range kernel.Widths() {
		kernel.Use(w)
		t.Run(kernel.Name(), f)
	}
}

const guard = float32(-12345.5)

// buffer holds n floats between guard zones; the one behind is the slack that tiles may read.
type buffer struct {
	all  []float32
	data []float32
}

func newBuffer(n int) buffer {
	const front = 7 // misaligned on purpose
	b := buffer{all: make([]float32, front+n+kernel.Slack)}
	for i := range b.all {
		b.all[i] = guard
	}
	b.data = b.all[front : front+n : front+n]
	clear(b.data)
	return b
}

func (b buffer) checkGuards(t *testing.T) {
	t.Helper()
	for i := range 7 {
		if b.all[i] != guard {
			t.Fatalf("guard %d before the output was overwritten with %v", i, b.all[i])
		}
	}
	for i, v := range b.all[7+len(b.data):] {
		if v != guard {
			t.Fatalf("guard %d behind the output was overwritten with %v", i, v)
		}
	}
}

// random fills a buffer with values of about unit size.
func random(r *rand.Rand, n int) buffer {
	b := newBuffer(n)
	for i := range b.data {
		b.data[i] = float32(r.NormFloat64())
	}
	return b
}

// image puts the pixels of a dense NHWC image into a plane.
func image(p kernel.Plane, pixels []float32) buffer {
	b := newBuffer(p.Size())
	for y := range p.H {
		copy(b.data[p.Origin()+y*p.Pitch():], pixels[y*p.W*p.C:(y+1)*p.W*p.C])
	}
	return b
}

// pixels reads the pixels of a plane, and fails where its border is not zero.
func pixels(t *testing.T, p kernel.Plane, data []float32) []float32 {
	t.Helper()
	out := make([]float32, 0, p.H*p.W*p.C)
	inside := make([]bool, len(data))
	for y := range p.H {
		at := p.Origin() + y*p.Pitch()
		out = append(out, data[at:at+p.W*p.C]...)
		for i := range p.W * p.C {
			inside[at+i] = true
		}
	}
	for i, v := range data {
		if !inside[i] && v != 0 {
			t.Fatalf("border value %d is %v, want 0", i, v)
		}
	}
	return out
}

// close compares with a bound that grows with the number of summed products, whose size is about 1.
func closeTo(t *testing.T, what string, got, want []float32, depth int) {
	t.Helper()
	tol := 4e-7 * math.Sqrt(float64(depth)) * 4
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= tol*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s: value %d is %v, want %v (off by %.2g, tolerance %.2g)", what, i, got[i], want[i], d, tol)
		}
	}
}

// Around one vector and one panel of every width, and the model's own channels.
var channels = []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65}

var sides = [][2]int{{2, 2}, {4, 6}, {6, 4}, {14, 14}}

func relu(v []float32) []float32 {
	for i := range v {
		v[i] = max(v[i], 0)
	}
	return v
}

func forShapes(t *testing.T, f func(t *testing.T, h, w, in, out int)) {
	everyWidth(t, func(t *testing.T) {
		for _, s := range sides {
			for i, out := range channels {
				in := channels[(i*5+s[0])%len(channels)]
				f(t, s[0], s[1], in, out)
			}
		}
		f(t, 14, 14, 64, 64)
	})
}

func TestConvMatchesReference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	forShapes(t, func(t *testing.T, h, w, in, out int) {
		for stride := 1; stride <= 2; stride++ {
			sh, sw := h*stride, w*stride
			sp := kernel.Plane{H: sh, W: sw, C: in, Before: 2 - stride, After: 1}
			dp := kernel.Plane{H: h, W: w, C: out, Before: 1, After: 1}
			x, k, b := random(r, sh*sw*in), random(r, 9*in*out), random(r, out)
			want := make([]float32, h*w*out)
			ref.Conv(want, x.data, k.data, b.data, 1, sh, sw, in, out, stride)
			packed := newBuffer(kernel.PackedSize(9*in, out))
			kernel.PackConv(packed.data, k.data, in, out)
			dst := newBuffer(dp.Size())
			src := image(sp, x.data)
			kernel.Conv(dst.data, dp, src.data, sp, packed.data, b.data, stride, kernel.Linear)
			closeTo(t, "conv", pixels(t, dp, dst.data), want, 9*in)
			kernel.Conv(dst.data, dp, src.data, sp, packed.data, b.data, stride, kernel.ReLU)
			closeTo(t, "conv with ReLU", pixels(t, dp, dst.data), relu(want), 9*in)
			dst.checkGuards(t)
			packed.checkGuards(t)
		}
	})
}

func TestConvBackwardMatchesReference(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	forShapes(t, func(t *testing.T, h, w, in, out int) {
		dy, k := random(r, h*w*out), random(r, 9*in*out)
		yp := kernel.Plane{H: h, W: w, C: out, Before: 1, After: 1}
		want := make([]float32, h*w*in)
		ref.ConvBackwardData(want, dy.data, k.data, 1, h, w, in, out, 1)
		packed := newBuffer(kernel.PackedSize(9*out, in))
		kernel.PackConvBackward(packed.data, k.data, in, out)
		dp := kernel.Plane{H: h, W: w, C: in}
		dst := newBuffer(dp.Size())
		kernel.Conv(dst.data, dp, image(yp, dy.data).data, yp, packed.data, nil, 1, kernel.Linear)
		closeTo(t, "stride 1", pixels(t, dp, dst.data), want, 9*out)
		dst.checkGuards(t)

		want = make([]float32, 4*h*w*in)
		ref.ConvBackwardData(want, dy.data, k.data, 1, 2*h, 2*w, in, out, 2)
		packed = newBuffer(kernel.TransposeSize(out, in))
		kernel.PackTranspose(packed.data, k.data, out, in)
		dp = kernel.Plane{H: 2 * h, W: 2 * w, C: in, After: 1}
		dst = newBuffer(dp.Size())
		kernel.ConvTranspose(dst.data, dp, image(yp, dy.data).data, yp, packed.data, nil, kernel.Linear)
		closeTo(t, "stride 2", pixels(t, dp, dst.data), want, 4*out)
		dst.checkGuards(t)
		packed.checkGuards(t)
	})
}

func TestConvTransposeMatchesReference(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	forShapes(t, func(t *testing.T, h, w, in, out int) {
		x, k, b := random(r, h*w*in), random(r, 9*in*out), random(r, out)
		want := make([]float32, 4*h*w*out)
		ref.ConvTranspose(want, x.data, k.data, b.data, 1, h, w, in, out)
		packed := newBuffer(kernel.TransposeSize(in, out))
		kernel.PackTranspose(packed.data, k.data, in, out)
		sp := kernel.Plane{H: h, W: w, C: in, Before: 1}
		dp := kernel.Plane{H: 2 * h, W: 2 * w, C: out, Before: 1, After: 1}
		dst := newBuffer(dp.Size())
		kernel.ConvTranspose(dst.data, dp, image(sp, x.data).data, sp, packed.data, b.data, kernel.ReLU)
		closeTo(t, "transposed", pixels(t, dp, dst.data), relu(want), 4*in)
		dst.checkGuards(t)
	})
}

func TestFilterGradientsMatchReference(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	forShapes(t, func(t *testing.T, h, w, in, out int) {
		for stride := 1; stride <= 2; stride++ {
			sh, sw := h*stride, w*stride
			x, dy := random(r, sh*sw*in), random(r, h*w*out)
			want, wantB := make([]float32, 9*in*out), make([]float32, out)
			ref.ConvBackwardFilter(want, wantB, x.data, dy.data, 1, sh, sw, in, out, stride)
			sp := kernel.Plane{H: sh, W: sw, C: in, Before: 2 - stride, After: 1}
			yp := kernel.Plane{H: h, W: w, C: out, Before: 1, After: 1}
			src, grad := image(sp, x.data), image(yp, dy.data)
			dw, db := newBuffer(9*in*out), newBuffer(out)
			scratch := random(r, kernel.FilterScratch(sp, yp, stride))
			for range 2 { // it accumulates
				kernel.ConvFilter(dw.data, src.data, sp, grad.data, yp, stride, scratch.data)
				kernel.BiasFilter(db.data, grad.data, yp)
			}
			for i := range want {
				want[i] *= 2
			}
			for i := range wantB {
				wantB[i] *= 2
			}
			closeTo(t, "kernel gradient", dw.data, want, 2*h*w)
			closeTo(t, "bias gradient", db.data, wantB, 2*h*w)
			dw.checkGuards(t)
			db.checkGuards(t)
			scratch.checkGuards(t)
		}
	})
}

func TestThinConvolutionsMatchReference(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	everyWidth(t, func(t *testing.T) {
		for _, s := range [][2]int{{1, 1}, {2, 3}, {5, 5}, {6, 7}, {28, 28}} {
			for _, c := range channels {
				h, w := s[0], s[1]
				one := kernel.Plane{H: h, W: w, C: 1, Before: 1, After: 1}
				wide := kernel.Plane{H: h, W: w, C: c, Before: 1, After: 1}
				x, k, b, y := random(r, h*w), random(r, 9*c), random(r, c), random(r, h*w*c)
				xi, yi := image(one, x.data), image(wide, y.data)

				want := make([]float32, h*w*c)
				ref.Conv(want, x.data, k.data, b.data, 1, h, w, 1, c, 1)
				packed := newBuffer(kernel.PackedSize(9, c))
				kernel.PackConv(packed.data, k.data, 1, c)
				dst := newBuffer(wide.Size())
				kernel.ThinConv(dst.data, wide, xi.data, one, packed.data, b.data, kernel.ReLU)
				closeTo(t, "1 to c", pixels(t, wide, dst.data), relu(want), 9)
				dst.checkGuards(t)

				want, db := make([]float32, 9*c), make([]float32, c)
				ref.ConvBackwardFilter(want, db, x.data, y.data, 1, h, w, 1, c, 1)
				dw := newBuffer(9 * c)
				kernel.ThinFilter(dw.data, xi.data, one, yi.data, wide)
				closeTo(t, "1 to c, kernel gradient", dw.data, want, h*w)
				dw.checkGuards(t)

				want = make([]float32, h*w)
				ref.Conv(want, y.data, k.data, b.data[:1], 1, h, w, c, 1, 1)
				out := newBuffer(h * w)
				kernel.ThinOut(out.data, yi.data, wide, k.data, b.data[0])
				closeTo(t, "c to 1", out.data, want, 9*c)
				out.checkGuards(t)
			}
		}
	})
}

func TestDenseMatchesReference(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	everyWidth(t, func(t *testing.T) {
		for _, m := range []int{1, 2, 3, 4, 5, 8, 9} {
			for _, k := range []int{1, 2, 3, 5, 8, 255, 256, 257, 600} {
				for _, n := range []int{1, 2, 3, 8, 15, 16, 17, 32, 33, 70} {
					x, w, b, dy := random(r, m*k), random(r, k*n), random(r, n), random(r, m*n)
					want := make([]float32, m*n)
					ref.Dense(want, x.data, w.data, b.data, m, k, n)
					dst := newBuffer(m * n)
					kernel.Dense(dst.data, x.data, w.data, b.data, m, k, n, kernel.Linear)
					closeTo(t, "forward", dst.data, want, k)
					kernel.Dense(dst.data, x.data, w.data, b.data, m, k, n, kernel.ReLU)
					closeTo(t, "forward with ReLU", dst.data, relu(want), k)
					dst.checkGuards(t)

					want = make([]float32, m*k)
					ref.DenseBackwardData(want, dy.data, w.data, m, k, n)
					packed := newBuffer(kernel.PackedSize(n, k))
					kernel.PackTransposed(packed.data, w.data, k, n)
					dx := newBuffer(m * k)
					kernel.DenseBackward(dx.data, dy.data, packed.data, m, k, n)
					closeTo(t, "backward", dx.data, want, n)
					dx.checkGuards(t)

					want, db := make([]float32, k*n), make([]float32, n)
					ref.DenseBackwardWeights(want, db, x.data, dy.data, m, k, n)
					dw := newBuffer(k * n)
					kernel.DenseFilter(dw.data, x.data, dy.data, m, k, n)
					closeTo(t, "weight gradient", dw.data, want, m)
					dw.checkGuards(t)
				}
			}
		}
	})
}

func TestVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	everyWidth(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 48, 64, 65, 130} {
			x, y := random(r, n), random(r, n)
			dst := newBuffer(n)
			kernel.Gate(dst.data, x.data, y.data)
			var dot float64
			for i := range n {
				want := float32(0)
				if y.data[i] > 0 {
					want = x.data[i]
				}
				if dst.data[i] != want {
					t.Fatalf("Gate %d of %d: %v, want %v", i, n, dst.data[i], want)
				}
				dot += float64(x.data[i]) * float64(y.data[i])
			}
			dst.checkGuards(t)
			closeTo(t, "Dot", []float32{kernel.Dot(x.data, y.data)}, []float32{float32(dot)}, n+1)

			copy(dst.data, y.data)
			kernel.Axpy(dst.data, x.data, 0.75)
			for i := range n {
				closeTo(t, "Axpy", dst.data[i:i+1], []float32{y.data[i] + 0.75*x.data[i]}, 1)
			}
			dst.checkGuards(t)
		}
	})
}

func TestOptimiserUpdates(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	everyWidth(t, func(t *testing.T) {
		for _, n := range []int{1, 15, 16, 17, 33} {
			w, g, a, m := random(r, n), random(r, n), random(r, n), random(r, n)
			for i := range a.data {
				a.data[i] = a.data[i] * a.data[i]
			}
			w0, a0, m0 := append([]float32(nil), w.data...), append([]float32(nil), a.data...), append([]float32(nil), m.data...)
			kernel.RMSprop(w.data, g.data, a.data, 0.01, 0.9, 1e-3, 1e-2)
			for i := range n {
				d := float64(g.data[i])
				s := 0.9*float64(a0[i]) + 0.1*d*d
				closeTo(t, "RMSprop mean", a.data[i:i+1], []float32{float32(s)}, 1)
				closeTo(t, "RMSprop weight", w.data[i:i+1], []float32{float32(float64(w0[i]) - 0.01*d/(math.Sqrt(s+1e-3)+1e-2))}, 1)
			}
			copy(w.data, w0)
			copy(a.data, a0)
			kernel.Adam(w.data, g.data, m.data, a.data, 0.01, 0.9, 0.999, 1e-7)
			for i := range n {
				d := float64(g.data[i])
				mm := 0.9*float64(m0[i]) + 0.1*d
				vv := 0.999*float64(a0[i]) + 0.001*d*d
				closeTo(t, "Adam moment", m.data[i:i+1], []float32{float32(mm)}, 1)
				closeTo(t, "Adam weight", w.data[i:i+1], []float32{float32(float64(w0[i]) - 0.01*mm/(math.Sqrt(vv)+1e-7))}, 8)
			}
			w.checkGuards(t)
			a.checkGuards(t)
			m.checkGuards(t)
		}
	})
}
