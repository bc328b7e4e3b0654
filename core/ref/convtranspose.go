package ref

// ConvTranspose writes the 3×3 'same' transposed convolution of stride 2 of x
// (n×h×wd×cin) with w (3×3×cout×cin: Keras puts the output first) plus b (cout)
// to dst (n×2h×2wd×cout). It is the gradient of the strided convolution; along
// one axis
//
//	dst[2j]   = x[j]·w[0] + x[j−1]·w[2]
//	dst[2j+1] = x[j]·w[1]
func ConvTranspose[T Float](dst, x, w, b []T, n, h, wd, cin, cout int) {
	oh, ow := 2*h, 2*wd
	for img := range n {
		for oy := range oh {
			for ox := range ow {
				for o := range cout {
					sum := float64(b[o])
					for ky := range 3 {
						for kx := range 3 {
							// Input j reaches the outputs 2j, 2j+1 and 2j+2.
							if (oy-ky)%2 != 0 || (ox-kx)%2 != 0 {
								continue
							}
							iy, ix := (oy-ky)/2, (ox-kx)/2
							if oy < ky || iy >= h || ox < kx || ix >= wd {
								continue
							}
							for i := range cin {
								sum += float64(x[((img*h+iy)*wd+ix)*cin+i]) * float64(w[((ky*3+kx)*cout+o)*cin+i])
							}
						}
					}
					dst[((img*oh+oy)*ow+ox)*cout+o] = T(sum)
				}
			}
		}
	}
}

// ConvTransposeBackwardData writes the gradient dx (n×h×wd×cin) of the input of
// [ConvTranspose] for the gradient dy (n×2h×2wd×cout) of its output.
func ConvTransposeBackwardData[T Float](dx, dy, w []T, n, h, wd, cin, cout int) {
	oh, ow := 2*h, 2*wd
	for img := range n {
		for iy := range h {
			for ix := range wd {
				for i := range cin {
					sum := 0.0
					for ky := range 3 {
						for kx := range 3 {
							oy, ox := 2*iy+ky, 2*ix+kx
							if oy >= oh || ox >= ow {
								continue
							}
							for o := range cout {
								sum += float64(dy[((img*oh+oy)*ow+ox)*cout+o]) * float64(w[((ky*3+kx)*cout+o)*cin+i])
							}
						}
					}
					dx[((img*h+iy)*wd+ix)*cin+i] = T(sum)
				}
			}
		}
	}
}

// ConvTransposeBackwardFilter overwrites dw (3×3×cout×cin) and db (cout) with
// the gradients of the kernel and of the bias of [ConvTranspose], summed over
// the n images.
func ConvTransposeBackwardFilter[T Float](dw, db, x, dy []T, n, h, wd, cin, cout int) {
	oh, ow := 2*h, 2*wd
	for ky := range 3 {
		for kx := range 3 {
			for o := range cout {
				for i := range cin {
					sum := 0.0
					for img := range n {
						for iy := range h {
							for ix := range wd {
								oy, ox := 2*iy+ky, 2*ix+kx
								if oy >= oh || ox >= ow {
									continue
								}
								sum += float64(x[((img*h+iy)*wd+ix)*cin+i]) * float64(dy[((img*oh+oy)*ow+ox)*cout+o])
							}
						}
					}
					dw[((ky*3+kx)*cout+o)*cin+i] = T(sum)
				}
			}
		}
	}
	biasGradient(db, dy, n*oh*ow, cout)
}
