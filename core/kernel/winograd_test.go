package kernel_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"vaelab/core/kernel"
	"vaelab/core/ref"
)

// winogradLayer runs a layer's three passes over n images.
type winogradLayer struct {
	h, w, in, out, n int
	x, k, b, dy      buffer
}

// rms is the root mean square of the error over that of the values.
func rms(got, want []float32) float64 {
	var e, s float64
	for i := range want {
		d := float64(got[i]) - float64(want[i])
		e += d * d
		s += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(e / s)
}

// Where few values are compared the error scatters: three times the typical 1e-6 is
// still four orders below what one wrong coefficient does.
const winogradTolerance = 3e-6

func TestWinogradMatchesReference(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	everyWidth(t, func(t *testing.T) {
		p := max(4, 2*kernel.Lanes())
		for _, l := range []winogradLayer{
			{h: 14, w: 14, in: 64, out: 64, n: 2}, {h: 4, w: 4, in: p, out: p, n: 1}, {h: 5, w: 7, in: 3 * p, out: p, n: 3},
			{h: 1, w: 2, in: p, out: 2 * p, n: 1}, {h: 9, w: 8, in: 2 * p, out: 3 * p, n: 2},
		} {
			h, w, in, out := l.h, l.w, l.in, l.out
			after := max(kernel.WinogradAfter(h), kernel.WinogradAfter(w))
			ip := kernel.Plane{H: h, W: w, C: in, Before: 1, After: after}
			op := kernel.Plane{H: h, W: w, C: out, Before: 1, After: after}
			x, k, b, dy := random(r, l.n*h*w*in), random(r, 9*in*out), random(r, out), random(r, l.n*h*w*out)

			each := kernel.WinogradTiles(ip)
			tiles := l.n * each
			v, m, dm := newBuffer(kernel.WinogradSize(tiles, in)), newBuffer(kernel.WinogradSize(tiles, out)), newBuffer(kernel.WinogradSize(tiles, out))
			packed, u := newBuffer(kernel.PackedSize(9*in, out)), newBuffer(36*in*out)
			kernel.PackConv(packed.data, k.data, in, out)
			kernel.WinogradPack(u.data, packed.data, in, out)
			for i := range l.n {
				kernel.WinogradInput(v.data, tiles, i*each, image(ip, x.data[i*h*w*in:]).data, ip)
				kernel.WinogradGradient(dm.data, tiles, i*each, image(op, dy.data[i*h*w*out:]).data, op)
			}
			kernel.WinogradMultiply(m.data, v.data, u.data, tiles, in, out)
			want := make([]float32, l.n*h*w*out)
			ref.Conv(want, x.data, k.data, b.data, l.n, h, w, in, out, 1)
			got := make([]float32, 0, len(want))
			for i := range l.n {
				dst := newBuffer(op.Size())
				kernel.WinogradOutput(dst.data, op, m.data, tiles, i*each, b.data, kernel.Linear)
				got = append(got, pixels(t, op, dst.data)...)
				dst.checkGuards(t)
			}
			if e := rms(got, want); !(e < winogradTolerance) {
				t.Errorf("%+v: output is off by %.2g", []int{h, w, in, out}, e)
			}

			want, db := make([]float32, 9*in*out), make([]float32, out)
			ref.ConvBackwardFilter(want, db, x.data, dy.data, l.n, h, w, in, out, 1)
			dw, scratch := newBuffer(9*in*out), newBuffer(36*in*out)
			kernel.WinogradFilter(dw.data, v.data, dm.data, tiles, in, out, scratch.data)
			if e := rms(dw.data, want); !(e < winogradTolerance) {
				t.Errorf("%+v: kernel gradient is off by %.2g", []int{h, w, in, out}, e)
			}

			// With respect to the input: the same passes with the kernel packed backwards.
			back, ub := newBuffer(kernel.PackedSize(9*out, in)), newBuffer(36*in*out)
			kernel.PackConvBackward(back.data, k.data, in, out)
			kernel.WinogradPack(ub.data, back.data, out, in)
			for i := range l.n {
				kernel.WinogradInput(dm.data, tiles, i*each, image(op, dy.data[i*h*w*out:]).data, op)
			}
			kernel.WinogradMultiply(v.data, dm.data, ub.data, tiles, out, in)
			want = make([]float32, l.n*h*w*in)
			ref.ConvBackwardData(want, dy.data, k.data, l.n, h, w, in, out, 1)
			got = got[:0]
			for i := range l.n {
				dst := newBuffer(ip.Size())
				kernel.WinogradOutput(dst.data, ip, v.data, tiles, i*each, nil, kernel.Linear)
				got = append(got, pixels(t, ip, dst.data)...)
				dst.checkGuards(t)
			}
			if e := rms(got, want); !(e < winogradTolerance) {
				t.Errorf("%+v: input gradient is off by %.2g", []int{h, w, in, out}, e)
			}
			for _, b := range []buffer{v, m, dm, u, ub, dw, scratch} {
				b.checkGuards(t)
			}
		}
	})
}

// The plan for accuracy: not more than ten times the direct path's own error.
func TestWinogradErrorAgainstDirect(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	const c = 64
	p := kernel.Plane{H: 14, W: 14, C: c, Before: 1, After: 3}
	x, k, b := random(r, 14*14*c), random(r, 9*c*c), random(r, c)
	want64 := make([]float64, 14*14*c)
	wide := func(x []float32) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = float64(x[i])
		}
		return y
	}
	ref.Conv(want64, wide(x.data), wide(k.data), wide(b.data), 1, 14, 14, c, c, 1)
	offBy := func(got []float32) float64 {
		var e, s float64
		for i, w := range want64 {
			d := float64(got[i]) - w
			e += d * d
			s += w * w
		}
		return math.Sqrt(e / s)
	}
	everyWidth(t, func(t *testing.T) {
		packed, u := newBuffer(kernel.PackedSize(9*c, c)), newBuffer(36*c*c)
		kernel.PackConv(packed.data, k.data, c, c)
		src, dst := image(p, x.data), newBuffer(p.Size())
		kernel.Conv(dst.data, p, src.data, p, packed.data, b.data, 1, kernel.Linear)
		direct := offBy(pixels(t, p, dst.data))
		kernel.WinogradPack(u.data, packed.data, c, c)
		v, m := newBuffer(kernel.WinogradSize(16, c)), newBuffer(kernel.WinogradSize(16, c))
		kernel.WinogradInput(v.data, 16, 0, src.data, p)
		kernel.WinogradMultiply(m.data, v.data, u.data, 16, c, c)
		kernel.WinogradOutput(dst.data, p, m.data, 16, 0, b.data, kernel.Linear)
		winograd := offBy(pixels(t, p, dst.data))
		t.Logf("root mean square error: direct %.2g, Winograd %.2g", direct, winograd)
		if winograd > 10*direct {
			t.Errorf("Winograd's error %.2g is more than ten times the direct path's %.2g", winograd, direct)
		}
	})
}

func BenchmarkWinograd64(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const n, c = 4, 64
	tiles := n * 16
	p := kernel.Plane{H: 14, W: 14, C: c, Before: 1, After: 3}
	for _, what := range []string{"forward", "filter", "input", "multiply", "output", "gradient", "pack"} {
		b.Run(what, func(b *testing.B) {
			everyWidthB(b, n*2*196*576*64, func() func() {
				src, dst, w, bias := random(r, p.Size()), newBuffer(p.Size()), random(r, 9*c*c), random(r, c)
				packed, u := newBuffer(kernel.PackedSize(9*c, c)), newBuffer(36*c*c)
				v, m := newBuffer(kernel.WinogradSize(tiles, c)), newBuffer(kernel.WinogradSize(tiles, c))
				kernel.PackConv(packed.data, w.data, c, c)
				kernel.WinogradPack(u.data, packed.data, c, c)
				scratch := newBuffer(36 * c * c)
				input := func() {
					for i := range n {
						kernel.WinogradInput(v.data, tiles, 16*i, src.data, p)
					}
				}
				output := func() {
					for i := range n {
						kernel.WinogradOutput(dst.data, p, m.data, tiles, 16*i, bias.data, 0)
					}
				}
				gradient := func() {
					for i := range n {
						kernel.WinogradGradient(m.data, tiles, 16*i, src.data, p)
					}
				}
				multiply := func() { kernel.WinogradMultiply(m.data, v.data, u.data, tiles, c, c) }
				input()
				switch what {
				case "forward":
					return func() { input(); multiply(); output() }
				case "filter":
					return func() {
						gradient()
						kernel.WinogradFilter(w.data, v.data, m.data, tiles, c, c, scratch.data)
					}
				case "input":
					return input
				case "multiply":
					return multiply
				case "output":
					return output
				case "gradient":
					return gradient
				}
				return func() { kernel.WinogradPack(u.data, packed.data, c, c) }
			})
		})
	}
}
