package latent

import "math"

// ClassMeans returns the mean of the points (n×latent) of each class, classes×latent,
// and how many points each has. A class without any has the mean 0. Labels of
// classes or more are left out.
func ClassMeans(points []float32, labels []byte, latent, classes int) (means []float32, counts []int) {
	n := rows(points, latent)
	if len(labels) != n {
		panic("latent: points and labels differ in number")
	}
	sums := make([]float64, classes*latent)
	counts = make([]int, classes)
	for i, label := range labels {
		c := int(label)
		if c >= classes {
			continue
		}
		counts[c]++
		for j, v := range points[i*latent : (i+1)*latent] {
			sums[c*latent+j] += float64(v)
		}
	}
	means = make([]float32, classes*latent)
	for i, s := range sums {
		if n := counts[i/latent]; n > 0 {
			means[i] = float32(s / float64(n))
		}
	}
	return means, counts
}

// Window is the part of the plane that a density is taken on, cut into
// rows×cols equal cells. Row 0 is at Y0, column 0 at X0, as in [Grid].
type Window struct {
	XAxis, YAxis   int // the coordinates of the latent space that span the plane
	X0, X1, Y0, Y1 float64
	Rows, Cols     int
}

func (w Window) check(latent int) {
	checkPlane(latent, w.XAxis, w.YAxis)
	if w.Rows < 1 || w.Cols < 1 || !(w.X0 < w.X1) || !(w.Y0 < w.Y1) || math.IsInf(w.X1-w.X0, 0) || math.IsInf(w.Y1-w.Y0, 0) {
		panic("latent: a window needs rows, columns, and X0 < X1, Y0 < Y1")
	}
}

// cell returns the width and height of a cell.
func (w Window) cell() (dx, dy float64) {
	return (w.X1 - w.X0) / float64(w.Cols), (w.Y1 - w.Y0) / float64(w.Rows)
}

// Histogram returns the density of the points (n×latent) in each cell of the
// window (Rows×Cols), per unit of area: their share in it over its area. Points
// outside count towards the whole but stand in no cell.
func Histogram(points []float32, latent int, w Window) []float32 {
	w.check(latent)
	n := rows(points, latent)
	dx, dy := w.cell()
	counts := make([]int, w.Rows*w.Cols)
	for i := range n {
		x, y := float64(points[i*latent+w.XAxis]), float64(points[i*latent+w.YAxis])
		if !(x >= w.X0 && x < w.X1 && y >= w.Y0 && y < w.Y1) { // NaN is nowhere
			continue
		}
		// A quotient just below the end may round up to it.
		col, row := min(int((x-w.X0)/dx), w.Cols-1), min(int((y-w.Y0)/dy), w.Rows-1)
		counts[row*w.Cols+col]++
	}
	density := make([]float32, len(counts))
	for i, c := range counts {
		if c > 0 {
			density[i] = float32(float64(c) / (float64(n) * dx * dy))
		}
	}
	return density
}

// KernelDensity returns the Gaussian kernel density estimate of the points
// (n×latent) at the centre of each cell of the window (Rows×Cols), per unit of
// area. bandwidth is the kernel's standard deviation along both axes; at 0 each
// axis has its own, by Scott's rule: σ·n^(−1/6). Kernels are cut off at five
// standard deviations. Points with a NaN or infinite coordinate are left out.
func KernelDensity(points []float32, latent int, w Window, bandwidth float64) []float32 {
	w.check(latent)
	rows(points, latent)
	if !(bandwidth >= 0) {
		panic("latent: a bandwidth must not be negative")
	}
	xs, ys := finitePairs(points, latent, w.XAxis, w.YAxis)
	hx, hy := bandwidth, bandwidth
	if bandwidth == 0 {
		hx, hy = scott(xs), scott(ys)
	}
	dx, dy := w.cell()
	// Coinciding points have no spread of their own: they fill a cell.
	if hx == 0 {
		hx = dx
	}
	if hy == 0 {
		hy = dy
	}
	sums := make([]float64, w.Rows*w.Cols)
	alongX, alongY := make([]float64, w.Cols), make([]float64, w.Rows)
	for i := range xs {
		c0, c1 := bumps(alongX, xs[i], hx, w.X0, dx)
		r0, r1 := bumps(alongY, ys[i], hy, w.Y0, dy)
		for r := r0; r < r1; r++ {
			for c := c0; c < c1; c++ {
				sums[r*w.Cols+c] += alongY[r] * alongX[c]
			}
		}
	}
	density := make([]float32, len(sums))
	for i, s := range sums {
		if s > 0 {
			density[i] = float32(s / float64(len(xs)))
		}
	}
	return density
}

// bumps writes the normal density around x, of standard deviation h, at the
// centres of the cells within five of them, and returns which those are.
func bumps(dst []float64, x, h, first, step float64) (from, to int) {
	const reach = 5
	inside := func(edge float64) int { // the number of centres below edge
		return int(math.Ceil(min(max((edge-first)/step-0.5, 0), float64(len(dst)))))
	}
	from, to = inside(x-reach*h), inside(x+reach*h)
	for i := from; i < to; i++ {
		u := (first + (float64(i)+0.5)*step - x) / h
		dst[i] = math.Exp(-u*u/2) / (h * math.Sqrt(2*math.Pi))
	}
	return from, to
}

func finitePairs(points []float32, latent, xAxis, yAxis int) (xs, ys []float64) {
	for i := 0; i < len(points); i += latent {
		x, y := float64(points[i+xAxis]), float64(points[i+yAxis])
		if x-x == 0 && y-y == 0 {
			xs, ys = append(xs, x), append(ys, y)
		}
	}
	return xs, ys
}

// scott is Scott's rule for two dimensions.
func scott(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	n, mean, sum := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum/(n-1)) * math.Pow(n, -1./6)
}
