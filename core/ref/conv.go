// Package ref holds the naive loops of every layer and of the whole model: the
// oracle that the fast kernels are tested against. Nothing here is fast, and
// nothing here is clever. Images are NHWC, convolution kernels HWIO, everything
// row-major in flat slices; sums run in float64 and are rounded once.
//
// Every function works in float32 and in float64, so that the same loops can be
// compared with finite differences.
package ref

// Float is the element type: float32 as in the product, float64 for
// finite differences.
type Float interface{ ~float32 | ~float64 }

// same returns the output size and the zeros before the first element of a
// 3-wide 'same' convolution over size elements: the total padding is what
// (⌈size/stride⌉−1)·stride + 3 − size leaves, and the odd one goes after.
func same(size, stride int) (out, before int) {
	out = (size + stride - 1) / stride
	return out, max((out-1)*stride+3-size, 0) / 2
}

// Conv writes the 3×3 'same' convolution (a cross-correlation, as in Keras) of
// x (n×h×wd×cin) with w (3×3×cin×cout) plus b (cout) to dst
// (n×⌈h/stride⌉×⌈wd/stride⌉×cout). Stride 1 pads 1 before and 1 after; stride 2
// on an even size pads 0 before and 1 after:
//
//	dst[y,x,o] = b[o] + Σ x[y·stride+ky−pad, x·stride+kx−pad, i] · w[ky,kx,i,o]
func Conv[T Float](dst, x, w, b []T, n, h, wd, cin, cout, stride int) {
	oh, padY := same(h, stride)
	ow, padX := same(wd, stride)
	for img := range n {
		for oy := range oh {
			for ox := range ow {
				for o := range cout {
					sum := float64(b[o])
					for ky := range 3 {
						for kx := range 3 {
							iy, ix := oy*stride+ky-padY, ox*stride+kx-padX
							if iy < 0 || iy >= h || ix < 0 || ix >= wd {
								continue
							}
							for i := range cin {
								sum += float64(x[((img*h+iy)*wd+ix)*cin+i]) * float64(w[((ky*3+kx)*cin+i)*cout+o])
							}
						}
					}
					dst[((img*oh+oy)*ow+ox)*cout+o] = T(sum)
				}
			}
		}
	}
}

// ConvBackwardData writes the gradient dx (n×h×wd×cin) of the input of [Conv]
// for the gradient dy of its output; h, wd, cin, cout and stride are those of
// the forward call.
func ConvBackwardData[T Float](dx, dy, w []T, n, h, wd, cin, cout, stride int) {
	oh, padY := same(h, stride)
	ow, padX := same(wd, stride)
	for img := range n {
		for iy := range h {
			for ix := range wd {
				for i := range cin {
					sum := 0.0
					for oy := range oh {
						for ox := range ow {
							// The tap of the kernel that joins this input to this output.
							ky, kx := iy+padY-oy*stride, ix+padX-ox*stride
							if ky < 0 || ky > 2 || kx < 0 || kx > 2 {
								continue
							}
							for o := range cout {
								sum += float64(dy[((img*oh+oy)*ow+ox)*cout+o]) * float64(w[((ky*3+kx)*cin+i)*cout+o])
							}
						}
					}
					dx[((img*h+iy)*wd+ix)*cin+i] = T(sum)
				}
			}
		}
	}
}

// ConvBackwardFilter overwrites dw (3×3×cin×cout) and db (cout) with the
// gradients of the kernel and of the bias of [Conv], summed over the n images.
func ConvBackwardFilter[T Float](dw, db, x, dy []T, n, h, wd, cin, cout, stride int) {
	oh, padY := same(h, stride)
	ow, padX := same(wd, stride)
	for ky := range 3 {
		for kx := range 3 {
			for i := range cin {
				for o := range cout {
					sum := 0.0
					for img := range n {
						for oy := range oh {
							for ox := range ow {
								iy, ix := oy*stride+ky-padY, ox*stride+kx-padX
								if iy < 0 || iy >= h || ix < 0 || ix >= wd {
									continue
								}
								sum += float64(x[((img*h+iy)*wd+ix)*cin+i]) * float64(dy[((img*oh+oy)*ow+ox)*cout+o])
							}
						}
					}
					dw[((ky*3+kx)*cin+i)*cout+o] = T(sum)
				}
			}
		}
	}
	biasGradient(db, dy, n*oh*ow, cout)
}

// biasGradient overwrites db (cout) with the sum of the rows of dy (rows×cout).
func biasGradient[T Float](db, dy []T, rows, cout int) {
	for o := range cout {
		sum := 0.0
		for r := range rows {
			sum += float64(dy[r*cout+o])
		}
		db[o] = T(sum)
	}
}
