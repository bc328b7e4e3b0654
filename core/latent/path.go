package latent

import "math"

// An Interpolation writes the point at t in [0,1] between a (t = 0) and b (t = 1)
// to dst; all have the same length.
type Interpolation func(dst, a, b []float32, t float64)

// Linear goes along the straight line.
func Linear(dst, a, b []float32, t float64) {
	for i := range dst {
		dst[i] = float32(float64(a[i])*(1-t) + float64(b[i])*t)
	}
}

// Spherical turns the direction at a constant rate along the great circle from a
// to b, and goes linearly in length. In many dimensions the prior lives near a
// sphere, and a straight line between two of its points cuts through the rarely
// trained inside (K. Shoemake 1985; T. White, "Sampling Generative Networks",
// 2016). It is [Linear] where no great circle is singled out: at the origin, and
// for parallel or opposite directions.
func Spherical(dst, a, b []float32, t float64) {
	la, lb := length(a), length(b)
	cos := 0.0
	for i := range a {
		cos += float64(a[i]) * float64(b[i])
	}
	cos /= la * lb
	if !(math.Abs(cos) < 1-1e-9) { // also where a length is 0 and cos is NaN
		Linear(dst, a, b, t)
		return
	}
	angle := math.Acos(cos)
	sin := math.Sin(angle)
	l := la*(1-t) + lb*t
	wa, wb := math.Sin((1-t)*angle)/sin*l/la, math.Sin(t*angle)/sin*l/lb
	for i := range dst {
		dst[i] = float32(float64(a[i])*wa + float64(b[i])*wb)
	}
}

func length(a []float32) float64 {
	sum := 0.0
	for _, v := range a {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// Line returns n points (n×len(a)) from a to b, both included, in equal steps of
// the interpolation. A single point stands in the middle.
func Line(a, b []float32, n int, between Interpolation) []float32 {
	if len(a) != len(b) {
		panic("latent: the ends of a line have different sizes")
	}
	z := make([]float32, n*len(a))
	for i := range n {
		between(z[i*len(a):(i+1)*len(a)], a, b, linspace(0, 1, i, n))
	}
	return z
}

// Path returns the way through the k points of a k×latent array, in order and,
// where closed, back to the first. Each leg has steps steps; the result has one
// point for each step, and the first (closed: (k·steps)×latent, so that it can
// be repeated; open: ((k−1)·steps+1)×latent).
func Path(points []float32, latent, steps int, closed bool, between Interpolation) []float32 {
	k := rows(points, latent)
	if k == 0 || steps < 1 {
		panic("latent: a path needs a point and at least one step a leg")
	}
	at := func(i int) []float32 { i %= k; return points[i*latent : (i+1)*latent] }
	legs := k
	if !closed {
		legs--
	}
	z := make([]float32, 0, (legs*steps+1)*latent)
	dst := make([]float32, latent)
	for leg := range legs {
		for s := range steps {
			between(dst, at(leg), at(leg+1), float64(s)/float64(steps))
			z = append(z, dst...)
		}
	}
	if !closed {
		z = append(z, at(k-1)...)
	}
	return z
}

func rows(points []float32, latent int) int {
	if latent < 1 || len(points)%latent != 0 {
		panic("latent: the points are not whole rows of the latent size")
	}
	return len(points) / latent
}
