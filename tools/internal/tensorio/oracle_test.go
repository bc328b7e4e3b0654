package tensorio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gorgonia.org/tensor"

	"vaelab/core"
)

// The oracles know the model's layers as matrix products only: patches of the image
// as rows (im2col) times the kernel as columns, by another library's product.

// product multiplies a (m×k) and b (k×n), row-major.
type product func(t *testing.T, a, b []float32, m, k, n int) []float32

func byTensor(t *testing.T, a, b []float32, m, k, n int) []float32 {
	t.Helper()
	c, err := tensor.MatMul(dense(t, []int{m, k}, a), dense(t, []int{k, n}, b))
	if err != nil {
		t.Fatal(err)
	}
	return c.Data().([]float32)
}

func byBLAS(t *testing.T, a, b []float32, m, k, n int) []float32 {
	t.Helper()
	general := func(data []float32, rows, cols int) blas32.General {
		return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
	}
	c := make([]float32, m*n)
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, general(a, m, k), general(b, k, n), 0, general(c, m, n))
	return c
}

// oracle computes a model by products.
type oracle struct {
	t   *testing.T
	mul product
	p   map[string]*tensor.Dense
}

func newOracle(t *testing.T, m *core.Model, mul product) *oracle {
	o := &oracle{t, mul, map[string]*tensor.Dense{}}
	for _, a := range arraysOf(t, m) {
		o.p[a.Name] = a.Dense
	}
	return o
}

// layer multiplies rows by a kernel's columns and adds the bias.
func (o *oracle) layer(name string, rows, kernel []float32, m int) []float32 {
	bias := o.p[name+"/bias"].Float32s()
	n := len(bias)
	y := o.mul(o.t, rows, kernel, m, len(kernel)/n, n)
	for i := range y {
		y[i] += bias[i%n]
	}
	return y
}

func (o *oracle) linear(name string, x []float32, n int) []float32 {
	return o.layer(name, x, o.p[name+"/kernel"].Float32s(), n)
}

// conv: n images of side×side; 'same' padding, which for stride 2 on an even side
// is none before and one pixel after.
func (o *oracle) conv(name string, x []float32, n, side, stride int) (y []float32, outSide int) {
	before := 2 - stride
	outSide = side / stride
	rows := patches(x, n, side, outSide, func(out, tap int) (in int, ok bool) {
		in = out*stride + tap - before
		return in, in >= 0 && in < side
	})
	return o.layer(name, rows, o.p[name+"/kernel"].Float32s(), n*outSide*outSide), outSide
}

// deconv: output pixel o sees input i through tap k where o = 2i + k.
func (o *oracle) deconv(name string, x []float32, n, side int) (y []float32, outSide int) {
	rows := patches(x, n, side, 2*side, func(out, tap int) (in int, ok bool) {
		in = (out - tap) / 2
		return in, out >= tap && (out-tap)%2 == 0 && in < side
	})
	// [3 3 out in] as [3 3 in out], by tensor's own transposition.
	kernel := o.p[name+"/kernel"].Clone().(*tensor.Dense)
	if err := kernel.T(0, 1, 3, 2); err != nil {
		o.t.Fatal(err)
	}
	if err := kernel.Transpose(); err != nil {
		o.t.Fatal(err)
	}
	return o.layer(name, rows, kernel.Float32s(), n*4*side*side), 2 * side
}

// patches is im2col: for each output pixel the nine input pixels that from names
// along each axis, zero where it names none.
func patches(x []float32, n, side, outSide int, from func(out, tap int) (in int, ok bool)) []float32 {
	c := len(x) / (n * side * side)
	rows := make([]float32, n*outSide*outSide*9*c)
	at := 0
	for i := range n {
		for y := range outSide {
			for xx := range outSide {
				for tap := range 9 {
					iy, okY := from(y, tap/3)
					ix, okX := from(xx, tap%3)
					if okY && okX {
						copy(rows[at:at+c], x[((i*side+iy)*side+ix)*c:])
					}
					at += c
				}
			}
		}
	}
	return rows
}

func relu(x []float32) []float32 {
	for i := range x {
		x[i] = max(x[i], 0)
	}
	return x
}

func (o *oracle) encode(x []float32, n int) (mean, logVar []float32) {
	side := core.ImageSide
	for i, stride := range []int{1, 2, 1, 1} {
		x, side = o.conv(fmt.Sprintf("enc/conv%d", i+1), x, n, side, stride)
		x = relu(x)
	}
	x = relu(o.linear("enc/dense", x, n))
	return o.linear("enc/z_mean", x, n), o.linear("enc/z_log_var", x, n)
}

func (o *oracle) decodeLogits(z []float32, n int) []float32 {
	x := relu(o.linear("dec/dense", z, n))
	x, side := o.deconv("dec/deconv", x, n, core.ImageSide/2)
	x, _ = o.conv("dec/conv", relu(x), n, side, 1)
	return x
}

func TestCoreAgainstProducts(t *testing.T) {
	configs := map[string]core.Config{
		"the book's":      core.DefaultConfig(),
		"no vector fits":  {Latent: 3, Hidden: 13, Encoder: [4]int{5, 17, 9, 11}, Decoder: 7},
		"single channels": {Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1},
	}
	for name, cfg := range configs {
		m := newModel(t, cfg)
		r := rand.New(rand.NewPCG(1, 2))
		random := func(n int, spread float32) []float32 {
			x := make([]float32, n)
			for i := range x {
				x[i] = spread * (2*r.Float32() - 1)
			}
			return x
		}
		for _, p := range m.Tensors() { // biases start at zero, where a mistake would not show
			if len(p.Shape) == 1 {
				copy(p.Data, random(len(p.Data), .2))
			}
		}
		m.Changed()

		const n = 5 // one more than the core takes at once
		x, z := random(n*core.ImagePixels, 1), random(n*cfg.Latent, 3)
		for i := range x {
			x[i] = float32(math.Abs(float64(x[i])))
		}
		mean, logVar := make([]float32, n*cfg.Latent), make([]float32, n*cfg.Latent)
		logits := make([]float32, n*core.ImagePixels)
		m.Encode(mean, logVar, x)
		m.DecodeLogits(logits, z)
		for library, mul := range map[string]product{"tensor": byTensor, "blas32": byBLAS} {
			o := newOracle(t, m, mul)
			wantMean, wantLogVar := o.encode(x, n)
			where := name + " by " + library + ": "
			wantClose(t, where+"means", mean, wantMean)
			wantClose(t, where+"log-variances", logVar, wantLogVar)
			wantClose(t, where+"logits", logits, o.decodeLogits(z, n))
		}
	}
}

// wantClose allows the rounding of sums of thousands of products.
func wantClose(t *testing.T, what string, got, want []float32) {
	t.Helper()
	var largest float64
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}
	if len(got) != len(want) || largest == 0 {
		t.Fatalf("%s: %d values against %d, the largest %v", what, len(got), len(want), largest)
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= 2e-5*largest) {
			t.Fatalf("%s: value %d is %v, want %v (largest %v)", what, i, got[i], want[i], largest)
		}
	}
}
