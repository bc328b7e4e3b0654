package ref

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// checkGradient compares grad with central differences of f over p.
func checkGradient(t *testing.T, name string, p, grad []float64, f func() float64) {
	t.Helper()
	const h = 1e-5
	for i := range p {
		old := p[i]
		p[i] = old + h
		up := f()
		p[i] = old - h
		down := f()
		p[i] = old
		want := (up - down) / (2 * h)
		if diff := math.Abs(grad[i] - want); !(diff <= 1e-7*(1+math.Abs(want))) {
			t.Fatalf("%s[%d]: gradient %.10g, central difference %.10g", name, i, grad[i], want)
		}
	}
}

func TestConvAgainstHand(t *testing.T) {
	x := []float64{1, 2, 3, 4} // one row of four
	w := make([]float64, 9)
	w[3], w[4], w[5] = 10, 100, 1000 // the middle row of the kernel; rows 0 and 2 see padding only
	// Stride 1 pads one before: y[i] = 10x[i−1] + 100x[i] + 1000x[i+1] + 5.
	line := make([]float64, 4)
	Conv(line, x, w, []float64{5}, 1, 1, 4, 1, 1, 1)
	for i, want := range []float64{2105, 3215, 4325, 435} {
		if line[i] != want {
			t.Errorf("stride 1: output %d is %g, want %g", i, line[i], want)
		}
	}

	// Stride 2 pads nothing before and one after: y[i] = 1x[2i] + 10x[2i+1] + 100x[2i+2], in both directions.
	square := []float64{
		1, 2, 3, 4,
		5, 6, 7, 8,
		9, 10, 11, 12,
		13, 14, 15, 16,
	}
	for k, row := range []int{0, 1, 2} {
		w := make([]float64, 9)
		w[row*3], w[row*3+1], w[row*3+2] = 1, 10, 100
		got := make([]float64, 4)
		Conv(got, square, w, []float64{0}, 1, 4, 4, 1, 1, 2)
		line := func(y, x int) float64 {
			at := func(x int) float64 {
				if y > 3 || x > 3 {
					return 0
				}
				return square[y*4+x]
			}
			return at(x) + 10*at(x+1) + 100*at(x+2)
		}
		want := []float64{line(k, 0), line(k, 2), line(2+k, 0), line(2+k, 2)}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("stride 2, kernel row %d: %v, want %v", row, got, want)
				break
			}
		}
	}
}

func TestConvTransposeAgainstFormula(t *testing.T) {
	// Along x with the first kernel row, which feeds the even output rows.
	x := []float64{1, 2, 3}
	w := []float64{10, 100, 1000, 0, 0, 0, 0, 0, 0}
	got := make([]float64, 2*6)
	ConvTranspose(got, x, w, []float64{0}, 1, 1, 3, 1, 1)
	want := []float64{10, 100, 1020, 200, 2030, 300, 0, 0, 0, 0, 0, 0}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	// Along y, the last kernel row reaches one input row down and falls off the end.
	w = []float64{10, 0, 0, 100, 0, 0, 1000, 0, 0}
	ConvTranspose(got, x, w, []float64{0}, 1, 3, 1, 1, 1)
	for i, v := range []float64{10, 100, 1020, 200, 2030, 300} {
		if got[2*i] != v || got[2*i+1] != 0 {
			t.Fatalf("got %v, want column 0 to be 10 100 1020 200 2030 300", got)
		}
	}
}

func TestLayerGradients(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, cin, cout = 2, 3, 2
	for _, c := range []struct{ h, w, stride int }{{4, 6, 1}, {1, 1, 1}, {5, 3, 1}, {4, 6, 2}, {2, 2, 2}} {
		oh, ow := c.h/c.stride, c.w/c.stride
		x, w, b := random(r, n*c.h*c.w*cin), random(r, 9*cin*cout), random(r, cout)
		dy, y := random(r, n*oh*ow*cout), make([]float64, n*oh*ow*cout)
		f := func() float64 {
			Conv(y, x, w, b, n, c.h, c.w, cin, cout, c.stride)
			return dot(y, dy)
		}
		dx, dw, db := make([]float64, len(x)), make([]float64, len(w)), random(r, cout)
		ConvBackwardData(dx, dy, w, n, c.h, c.w, cin, cout, c.stride)
		ConvBackwardFilter(dw, db, x, dy, n, c.h, c.w, cin, cout, c.stride)
		checkGradient(t, "conv x", x, dx, f)
		checkGradient(t, "conv kernel", w, dw, f)
		checkGradient(t, "conv bias", b, db, f)
	}
	for _, c := range []struct{ h, w int }{{1, 1}, {2, 3}, {3, 4}} {
		x, w, b := random(r, n*c.h*c.w*cin), random(r, 9*cin*cout), random(r, cout)
		dy := random(r, n*4*c.h*c.w*cout)
		y := make([]float64, len(dy))
		f := func() float64 {
			ConvTranspose(y, x, w, b, n, c.h, c.w, cin, cout)
			return dot(y, dy)
		}
		dx, dw, db := make([]float64, len(x)), make([]float64, len(w)), random(r, cout)
		ConvTransposeBackwardData(dx, dy, w, n, c.h, c.w, cin, cout)
		ConvTransposeBackwardFilter(dw, db, x, dy, n, c.h, c.w, cin, cout)
		checkGradient(t, "deconv x", x, dx, f)
		checkGradient(t, "deconv kernel", w, dw, f)
		checkGradient(t, "deconv bias", b, db, f)
	}
	const in, out = 5, 4
	x, w, b := random(r, n*in), random(r, in*out), random(r, out)
	dy, y := random(r, n*out), make([]float64, n*out)
	f := func() float64 {
		Dense(y, x, w, b, n, in, out)
		ReLU(y, y)
		return dot(y, dy)
	}
	f()
	masked := make([]float64, len(dy))
	ReLUBackward(masked, dy, y)
	dx, dw, db := make([]float64, len(x)), make([]float64, len(w)), random(r, out)
	DenseBackwardData(dx, masked, w, n, in, out)
	DenseBackwardWeights(dw, db, x, masked, n, in, out)
	checkGradient(t, "dense x", x, dx, f)
	checkGradient(t, "dense kernel", w, dw, f)
	checkGradient(t, "dense bias", b, db, f)
}

// TestAdjoint checks ⟨Ax, y⟩ = ⟨x, Aᵀy⟩ for the convolutions without bias, and
// that the transposed convolution is the adjoint of the strided one with the
// very same kernel.
func TestAdjoint(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, h, w, cin, cout = 2, 6, 4, 3, 5
	zero := make([]float64, max(cin, cout))
	equal := func(name string, a, b float64) {
		t.Helper()
		if !(math.Abs(a-b) <= 1e-12*(math.Abs(a)+1)) {
			t.Errorf("%s: ⟨Ax,y⟩ = %g but ⟨x,Aᵀy⟩ = %g", name, a, b)
		}
	}
	for _, stride := range []int{1, 2} {
		x, k := random(r, n*h*w*cin), random(r, 9*cin*cout)
		y := random(r, n*(h/stride)*(w/stride)*cout)
		ax, aty := make([]float64, len(y)), make([]float64, len(x))
		Conv(ax, x, k, zero[:cout], n, h, w, cin, cout, stride)
		ConvBackwardData(aty, y, k, n, h, w, cin, cout, stride)
		equal("conv", dot(ax, y), dot(x, aty))
		if stride == 2 {
			up := make([]float64, len(x))
			ConvTranspose(up, y, k, zero[:cin], n, h/2, w/2, cout, cin)
			equal("deconv", dot(ax, y), dot(x, up))
			for i := range up {
				if math.Abs(up[i]-aty[i]) > 1e-12 {
					t.Fatalf("deconv[%d] = %g, want the strided convolution's gradient %g", i, up[i], aty[i])
				}
			}
			down := make([]float64, len(y))
			ConvTransposeBackwardData(down, x, k, n, h/2, w/2, cout, cin)
			equal("deconv backward", dot(up, x), dot(y, down))
		}
	}
}
