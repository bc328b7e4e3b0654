package latent

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d: %v", what, len(got), len(want), got)
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= tolerance) {
			t.Fatalf("%s: value %d is %g, want %g (all: %v)", what, i, got[i], want[i], got)
		}
	}
}

func TestQuantile(t *testing.T) {
	// Printed tables of the normal distribution.
	for _, c := range []struct{ p, z float64 }{{0.5, 0}, {0.95, 1.6448536269514722}, {0.975, 1.959963984540054}, {0.05, -1.6448536269514722}, {0.001, -3.090232306167813}} {
		if got := Quantile(c.p); math.Abs(got-c.z) > 1e-12 {
			t.Errorf("Quantile(%g) = %.15g, want %.15g", c.p, got, c.z)
		}
	}
}

func TestGridIsTheBooks(t *testing.T) {
	z := Grid(15, 15, 0.05, 0.95)
	if len(z) != 15*15*2 {
		t.Fatalf("%d values, want %d", len(z), 15*15*2)
	}
	at := func(row, col int) (float32, float32) { i := (row*15 + col) * 2; return z[i], z[i+1] }
	const edge = 1.6448536
	for _, c := range []struct {
		row, col int
		x, y     float32
	}{
		{0, 0, -edge, -edge}, {0, 14, edge, -edge}, // z[0] grows to the right
		{14, 0, -edge, edge}, {14, 14, edge, edge}, // z[1] grows downwards
		{7, 7, 0, 0},
		{0, 1, -1.20404696, -edge}, // Python: NormalDist().inv_cdf(.05 + .9/14)
	} {
		x, y := at(c.row, c.col)
		near(t, "grid point", []float32{x, y}, []float32{c.x, c.y}, 1e-6)
	}
	near(t, "one cell", Grid(1, 1, 0.2, 0.8), []float32{0, 0}, 1e-7)
	near(t, "two by one", Grid(1, 2, 0.05, 0.95), []float32{-edge, 0, edge, 0}, 1e-6)
}

func TestPlane(t *testing.T) {
	q := float32(Quantile(0.9))
	near(t, "plane", Plane(2, 2, 0.1, 0.9, []float32{7, 8, 9}, 2, 0), []float32{
		-q, 8, -q, -q, 8, q,
		q, 8, -q, q, 8, q,
	}, 1e-6)
}

func TestTraversal(t *testing.T) {
	near(t, "traversal", Traversal([]float32{5, 6}, 1, 3, -3, 3), []float32{5, -3, 5, 0, 5, 3}, 0)
	near(t, "no points", Traversal([]float32{5, 6}, 1, 0, -3, 3), nil, 0)
}

func TestLine(t *testing.T) {
	near(t, "line", Line([]float32{0, 2}, []float32{4, 0}, 5, Linear), []float32{0, 2, 1, 1.5, 2, 1, 3, 0.5, 4, 0}, 1e-6)
	h := float32(math.Sqrt2)
	near(t, "arc", Line([]float32{2, 0}, []float32{0, 2}, 3, Spherical), []float32{2, 0, h, h, 0, 2}, 1e-6)
	// Lengths 1 and 3: half way it is 2, in the direction between.
	near(t, "spiral", Line([]float32{1, 0}, []float32{0, 3}, 3, Spherical), []float32{1, 0, h, h, 0, 3}, 1e-6)
	for _, ends := range [][2][]float32{{{0, 0}, {1, 1}}, {{1, 1}, {2, 2}}, {{1, 0}, {-1, 0}}, {{0, 0}, {0, 0}}} {
		near(t, "without a great circle", Line(ends[0], ends[1], 4, Spherical), Line(ends[0], ends[1], 4, Linear), 0)
	}
	r := rand.New(rand.NewPCG(1, 1))
	a, b := make([]float32, 64), make([]float32, 64)
	for i := range a {
		a[i], b[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
	}
	arc := Line(a, b, 9, Spherical)
	lo, hi := min(length(a), length(b)), max(length(a), length(b))
	for i := range 9 {
		if l := length(arc[i*64 : (i+1)*64]); l < lo-1e-5 || l > hi+1e-5 {
			t.Errorf("point %d of the arc has length %g, want %g to %g", i, l, lo, hi)
		}
	}
}

func TestPath(t *testing.T) {
	points := []float32{0, 0, 2, 0, 2, 2}
	near(t, "open", Path(points, 2, 2, false, Linear), []float32{0, 0, 1, 0, 2, 0, 2, 1, 2, 2}, 1e-6)
	near(t, "closed", Path(points, 2, 2, true, Linear), []float32{0, 0, 1, 0, 2, 0, 2, 1, 2, 2, 1, 1}, 1e-6)
	near(t, "one point", Path([]float32{3}, 1, 5, false, Linear), []float32{3}, 0)
}

func TestClassMeans(t *testing.T) {
	means, counts := ClassMeans([]float32{1, 2, 3, 4, 10, 20, 99, 99}, []byte{2, 2, 0, 7}, 2, 3)
	near(t, "means", means, []float32{10, 20, 0, 0, 2, 3}, 0)
	if !slices.Equal(counts, []int{1, 0, 2}) {
		t.Errorf("counts %v, want [1 0 2]", counts)
	}
}

func TestHistogram(t *testing.T) {
	w := Window{XAxis: 0, YAxis: 1, X0: 0, X1: 4, Y0: 0, Y1: 2, Rows: 2, Cols: 2} // cells 2 wide, 1 high
	nan := float32(math.NaN())
	points := []float32{
		0, 0, 3.9, 0.5, // row 0, columns 0 and 1
		1, 1.5, 1, 1.9, // row 1, column 0
		4, 1, -1, 1, 1, 2, nan, 1, // outside
	}
	near(t, "histogram", Histogram(points, 2, w), []float32{1. / 16, 1. / 16, 2. / 16, 0}, 1e-7)
	near(t, "no points", Histogram(nil, 2, w), []float32{0, 0, 0, 0}, 0)
	swapped := Window{XAxis: 1, YAxis: 0, X0: 0, X1: 2, Y0: 0, Y1: 4, Rows: 2, Cols: 2}
	near(t, "swapped axes", Histogram(points, 2, swapped), []float32{1. / 16, 2. / 16, 1. / 16, 0}, 1e-7)
}

// TestKernelDensity compares with the sum written out, and with the true
// density of many normal points.
func TestKernelDensity(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	points := make([]float32, 3*50)
	for i := range points {
		points[i] = float32(r.NormFloat64())
	}
	w := Window{XAxis: 2, YAxis: 0, X0: -2, X1: 3, Y0: -1, Y1: 2, Rows: 7, Cols: 5}
	want := make([]float32, w.Rows*w.Cols)
	const h = 0.4
	for i := range want {
		x, y := -2+(float64(i%5)+0.5), -1+(float64(i/5)+0.5)*3/7
		sum := 0.0
		for p := 0; p < len(points); p += 3 {
			u, v := x-float64(points[p+2]), y-float64(points[p])
			sum += math.Exp(-(u*u+v*v)/(2*h*h)) / (2 * math.Pi * h * h)
		}
		want[i] = float32(sum / 50)
	}
	near(t, "density", KernelDensity(points, 3, w, h), want, 1e-6)
	// A point that is nowhere changes nothing.
	near(t, "with NaN", KernelDensity(append(points, 0, 0, float32(math.NaN())), 3, w, h), want, 1e-6)

	many := make([]float32, 2*20000)
	for i := range many {
		many[i] = float32(r.NormFloat64())
	}
	wide := Window{XAxis: 0, YAxis: 1, X0: -5, X1: 5, Y0: -5, Y1: 5, Rows: 51, Cols: 51}
	density := KernelDensity(many, 2, wide, 0)
	total := 0.0
	for _, d := range density {
		total += float64(d) * (10. / 51) * (10. / 51)
	}
	if math.Abs(total-1) > 1e-3 {
		t.Errorf("the density integrates to %g, want 1", total)
	}
	// At the origin the estimate is lower by the bandwidth's blur: 1/2π/(1+h²).
	blur := 1 + math.Pow(20000, -1./3)
	if got, want := float64(density[25*51+25]), 1/(2*math.Pi*blur); math.Abs(got-want) > 0.05*want {
		t.Errorf("the density at the origin is %g, want about %g", got, want)
	}

	same := []float32{1, 1, 1, 1}
	for _, d := range KernelDensity(same, 2, wide, 0) {
		if d-d != 0 {
			t.Fatal("coinciding points give a density that is not finite")
		}
	}
	near(t, "no points", KernelDensity(nil, 3, w, 0), make([]float32, 35), 0)
}

func TestMisusePanics(t *testing.T) {
	w := Window{XAxis: 0, YAxis: 1, X0: 0, X1: 1, Y0: 0, Y1: 1, Rows: 1, Cols: 1}
	empty := w
	empty.X1 = 0
	for name, f := range map[string]func(){
		"no rows":            func() { Grid(0, 1, 0.05, 0.95) },
		"probability 0":      func() { Grid(1, 1, 0, 0.95) },
		"probability 1":      func() { Grid(1, 1, 0.5, 1) },
		"probabilities turn": func() { Grid(1, 1, 0.6, 0.5) },
		"NaN":                func() { Grid(1, 1, math.NaN(), 0.5) },
		"one axis twice":     func() { Plane(1, 1, 0.1, 0.9, make([]float32, 3), 1, 1) },
		"axis 3 of 3":        func() { Plane(1, 1, 0.1, 0.9, make([]float32, 3), 1, 3) },
		"axis -1":            func() { Traversal(make([]float32, 3), -1, 1, 0, 1) },
		"ends differ":        func() { Line(make([]float32, 1), make([]float32, 2), 1, Linear) },
		"empty path":         func() { Path(nil, 2, 1, true, Linear) },
		"half a row":         func() { Histogram(make([]float32, 3), 2, w) },
		"empty window":       func() { Histogram(nil, 2, empty) },
		"labels":             func() { ClassMeans(make([]float32, 4), nil, 2, 10) },
		"bandwidth":          func() { KernelDensity(nil, 2, w, -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
