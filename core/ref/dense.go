package ref

import "math"

// Dense writes x (n×in) · w (in×out) + b (out) to dst (n×out).
func Dense[T Float](dst, x, w, b []T, n, in, out int) {
	for r := range n {
		for o := range out {
			sum := float64(b[o])
			for i := range in {
				sum += float64(x[r*in+i]) * float64(w[i*out+o])
			}
			dst[r*out+o] = T(sum)
		}
	}
}

// DenseBackwardData writes the gradient dx (n×in) of the input of [Dense] for
// the gradient dy (n×out) of its output.
func DenseBackwardData[T Float](dx, dy, w []T, n, in, out int) {
	for r := range n {
		for i := range in {
			sum := 0.0
			for o := range out {
				sum += float64(dy[r*out+o]) * float64(w[i*out+o])
			}
			dx[r*in+i] = T(sum)
		}
	}
}

// DenseBackwardWeights overwrites dw (in×out) and db (out) with the gradients
// of the weights and of the bias of [Dense], summed over the n rows.
func DenseBackwardWeights[T Float](dw, db, x, dy []T, n, in, out int) {
	for i := range in {
		for o := range out {
			sum := 0.0
			for r := range n {
				sum += float64(x[r*in+i]) * float64(dy[r*out+o])
			}
			dw[i*out+o] = T(sum)
		}
	}
	biasGradient(db, dy, n, out)
}

// ReLU writes max(x, 0) to dst, which may be x.
func ReLU[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

// ReLUBackward writes the gradient of the input of [ReLU] for the gradient dy
// of its output y to dx, which may be dy. At 0 it is 0, as in Keras.
func ReLUBackward[T Float](dx, dy, y []T) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}

// Sigmoid writes 1/(1+exp(−x)) to dst, which may be x.
func Sigmoid[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(sigmoid(float64(v)))
	}
}

func sigmoid(x float64) float64 {
	if x < 0 { // exp of a negative number only: it cannot overflow
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}
