package kernel

// A packed matrix of depth K and n output columns is ⌈n/p⌉ panels of K rows of
// p = 2·lanes columns, the last one filled up with zeros.

// PackedSize is the number of floats of a packed matrix.
func PackedSize(depth, columns int) int {
	p := panel()
	return depth * ((columns + p - 1) / p * p)
}

// TransposeSize is the number of floats of a kernel packed by [PackTranspose].
func TransposeSize(in, out int) int {
	return PackedSize(4*in, out) + 2*PackedSize(2*in, out) + PackedSize(in, out)
}

// PackConv packs an HWIO kernel [3 3 in out] for [Conv] or [ThinConv].
func PackConv(dst, w []float32, in, out int) {
	pack(dst, w, 9*in, out, out, 1)
}

// PackConvBackward packs an HWIO kernel [3 3 in out] for the gradient with
// respect to the input of a convolution of stride 1: a [Conv] from out to in
// channels with each tap turned by 180° and transposed.
func PackConvBackward(dst, w []float32, in, out int) {
	for tap := range 9 {
		packRows(dst, w[(8-tap)*in*out:], 9*out, tap*out, out, in, 1, out)
	}
}

// PackTranspose packs a kernel [3 3 out in] for [ConvTranspose], phase by phase
// in the order that the phase's windows read src.
func PackTranspose(dst, w []float32, in, out int) {
	at := 0
	for phase := range 4 {
		ys, xs := taps[phase>>1], taps[phase&1]
		depth := len(ys) * len(xs) * in
		row := 0
		for _, ky := range ys {
			for _, kx := range xs {
				packRows(dst[at:], w[(ky*3+kx)*in*out:], depth, row, in, out, 1, in)
				row += in
			}
		}
		at += PackedSize(depth, out)
	}
}

// taps lists the taps that an even and an odd output coordinate see, in the order of the input.
var taps = [2][]int{{2, 0}, {1}}

// PackTransposed packs the transpose of a matrix [k n] : depth n, k columns.
func PackTransposed(dst, w []float32, k, n int) {
	pack(dst, w, n, k, 1, n)
}

// pack packs w[row·rowStride + col·colStride].
func pack(dst, w []float32, depth, columns, rowStride, colStride int) {
	packRows(dst, w, depth, 0, depth, columns, rowStride, colStride)
}

// packRows fills rows first … first+rows−1 of a packed matrix of the given depth.
func packRows(dst, w []float32, depth, first, rows, columns, rowStride, colStride int) {
	p := panel()
	for o := 0; o < columns; o += p {
		n := min(p, columns-o)
		base := o*depth + first*p
		if colStride == 1 {
			for r := range rows {
				d := dst[base+r*p : base+r*p+p]
				copy(d, w[r*rowStride+o:r*rowStride+o+n])
				clear(d[n:])
			}
			continue
		}
		// A column of the panel is contiguous in w: read forwards, write with a stride.
		block := dst[base : base+rows*p]
		for c := range n {
			col := w[(o+c)*colStride:]
			if rowStride == 1 {
				for r, x := range col[:rows] {
					block[r*p+c] = x
				}
				continue
			}
			for r := range rows {
				block[r*p+c] = col[r*rowStride]
			}
		}
		if n < p {
			for r := range rows {
				clear(block[r*p+n : r*p+p])
			}
		}
	}
}
