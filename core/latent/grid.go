// Package latent chooses and describes points of the latent space: manifold
// grids, paths, traversals, class means, densities. Points are rows of a flat
// row-major array, n×latent. Functions panic with a constant string where a
// shape or a number is out of its range: that is the caller's fault.
package latent

import "math"

// Quantile is the inverse of the standard normal's distribution function, at p
// in (0,1): √2·erf⁻¹(2p−1).
func Quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// Grid returns the book's manifold grid (Chollet, Deep Learning with Python,
// §8.4) for two latent dimensions: rows·cols points, row-major, that decode to
// the pictures of a rows×cols mosaic. Along each direction they stand at the
// normal's quantiles of probabilities equally spaced from lo to hi (the book:
// 15×15 from .05 to .95), so that each stands for the same share of the prior.
//
// As in the book, z[0] grows with the column, from left to right, and z[1] with
// the row, from top to bottom.
func Grid(rows, cols int, lo, hi float64) []float32 {
	return Plane(rows, cols, lo, hi, []float32{0, 0}, 0, 1)
}

// Plane is [Grid] in any latent space: rows·cols points (each len(centre) long)
// whose coordinate xAxis grows with the column and yAxis with the row, while the
// others stay at centre's.
func Plane(rows, cols int, lo, hi float64, centre []float32, xAxis, yAxis int) []float32 {
	checkPlane(len(centre), xAxis, yAxis)
	if rows < 1 || cols < 1 {
		panic("latent: a grid needs at least one row and one column")
	}
	if !(lo > 0 && lo <= hi && hi < 1) {
		panic("latent: a grid's probabilities must satisfy 0 < lo <= hi < 1")
	}
	x, y := quantiles(cols, lo, hi), quantiles(rows, lo, hi)
	z := make([]float32, 0, rows*cols*len(centre))
	for _, v := range y {
		for _, u := range x {
			z = append(z, centre...)
			point := z[len(z)-len(centre):]
			point[xAxis], point[yAxis] = u, v
		}
	}
	return z
}

func quantiles(n int, lo, hi float64) []float32 {
	q := make([]float32, n)
	for i := range q {
		q[i] = float32(Quantile(linspace(lo, hi, i, n)))
	}
	return q
}

// linspace is point i of n from lo to hi, both included; a single point stands
// in the middle.
func linspace(lo, hi float64, i, n int) float64 {
	if n == 1 {
		return (lo + hi) / 2
	}
	t := float64(i) / float64(n-1)
	return lo*(1-t) + hi*t
}

// Traversal returns n points (n×len(centre)) whose coordinate axis goes from lo
// to hi in equal steps, in the latent space's own units, while the others stay
// at centre's.
func Traversal(centre []float32, axis, n int, lo, hi float64) []float32 {
	if axis < 0 || axis >= len(centre) {
		panic("latent: axis out of range")
	}
	z := make([]float32, 0, n*len(centre))
	for i := range n {
		z = append(z, centre...)
		z[i*len(centre)+axis] = float32(linspace(lo, hi, i, n))
	}
	return z
}

func checkPlane(latent, xAxis, yAxis int) {
	if xAxis < 0 || xAxis >= latent || yAxis < 0 || yAxis >= latent || xAxis == yAxis {
		panic("latent: a plane needs two different axes of the latent space")
	}
}
