package kernel_test

import (
	"math/rand/v2"
	"testing"

	"vaelab/core/kernel"
)

func everyWidthB(b *testing.B, flop int, setup func() func()) {
	was := kernel.Lanes()
	defer kernel.Use(was)
	for _, w := range kernel.Widths() {
		kernel.Use(w)
		b.Run(kernel.Name(), func(b *testing.B) {
			run := setup()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(flop)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkPeak(b *testing.B) {
	was := kernel.Lanes()
	defer kernel.Use(was)
	for _, w := range kernel.Widths() {
		kernel.Use(w)
		b.Run("peak "+kernel.Name(), func(b *testing.B) {
			var flop int64
			for b.Loop() {
				flop += kernel.FMAPeak(100000)
			}
			b.ReportMetric(float64(flop)/b.Elapsed().Seconds()/1e9, "GFLOPS")
		})
	}
}

func BenchmarkConv64(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	everyWidthB(b, 2*196*576*64, func() func() {
		p := kernel.Plane{H: 14, W: 14, C: 64, Before: 1, After: 1}
		src, dst, w, bias := random(r, p.Size()), newBuffer(p.Size()), random(r, 9*64*64), random(r, 64)
		packed := newBuffer(kernel.PackedSize(576, 64))
		kernel.PackConv(packed.data, w.data, 64, 64)
		return func() { kernel.Conv(dst.data, p, src.data, p, packed.data, bias.data, 1, kernel.ReLU) }
	})
}

func BenchmarkConvStride2(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	everyWidthB(b, 2*196*288*64, func() func() {
		sp := kernel.Plane{H: 28, W: 28, C: 32, After: 1}
		p := kernel.Plane{H: 14, W: 14, C: 64, Before: 1, After: 1}
		src, dst, w, bias := random(r, sp.Size()), newBuffer(p.Size()), random(r, 9*64*32), random(r, 64)
		packed := newBuffer(kernel.PackedSize(288, 64))
		kernel.PackConv(packed.data, w.data, 32, 64)
		return func() { kernel.Conv(dst.data, p, src.data, sp, packed.data, bias.data, 2, kernel.ReLU) }
	})
}

func BenchmarkConvTranspose(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	everyWidthB(b, 2*196*9*64*32, func() func() {
		sp := kernel.Plane{H: 14, W: 14, C: 64, Before: 1}
		dp := kernel.Plane{H: 28, W: 28, C: 32, Before: 1, After: 1}
		src, dst, w, bias := random(r, sp.Size()), newBuffer(dp.Size()), random(r, 9*64*32), random(r, 32)
		packed := newBuffer(kernel.TransposeSize(64, 32))
		kernel.PackTranspose(packed.data, w.data, 64, 32)
		return func() { kernel.ConvTranspose(dst.data, dp, src.data, sp, packed.data, bias.data, kernel.ReLU) }
	})
}

func BenchmarkFilter64(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	everyWidthB(b, 2*196*576*64, func() func() {
		p := kernel.Plane{H: 14, W: 14, C: 64, Before: 1, After: 1}
		src, dy, dw := random(r, p.Size()), random(r, p.Size()), newBuffer(9*64*64)
		scratch := newBuffer(kernel.FilterScratch(p, p, 1))
		return func() { kernel.ConvFilter(dw.data, src.data, p, dy.data, p, 1, scratch.data) }
	})
}

func BenchmarkFilterStride2(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	everyWidthB(b, 2*196*288*64, func() func() {
		sp := kernel.Plane{H: 28, W: 28, C: 32, After: 1}
		p := kernel.Plane{H: 14, W: 14, C: 64, Before: 1}
		src, dy, dw := random(r, sp.Size()), random(r, p.Size()), newBuffer(9*64*64)
		scratch := newBuffer(kernel.FilterScratch(sp, p, 2))
		return func() { kernel.ConvFilter(dw.data, src.data, sp, dy.data, p, 2, scratch.data) }
	})
}

func BenchmarkThin(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	one := kernel.Plane{H: 28, W: 28, C: 1, Before: 1, After: 1}
	wide := kernel.Plane{H: 28, W: 28, C: 32, Before: 1, After: 1}
	for _, what := range []string{"conv", "filter", "out"} {
		b.Run(what, func(b *testing.B) {
			everyWidthB(b, 2*784*9*32, func() func() {
				x, y, w, bias := random(r, one.Size()), random(r, wide.Size()), random(r, 9*32), random(r, 32)
				packed := newBuffer(kernel.PackedSize(9, 32))
				kernel.PackConv(packed.data, w.data, 1, 32)
				switch what {
				case "conv":
					return func() { kernel.ThinConv(y.data, wide, x.data, one, packed.data, bias.data, 0) }
				case "filter":
					return func() { kernel.ThinFilter(w.data, x.data, one, y.data, wide) }
				}
				out := newBuffer(784)
				return func() { kernel.ThinOut(out.data, y.data, wide, w.data, 0) }
			})
		})
	}
}

func BenchmarkDense(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, what := range []string{"forward", "backward", "filter", "pack"} {
		b.Run(what, func(b *testing.B) {
			everyWidthB(b, 2*4*12544*32, func() func() {
				x, w, bias, y := random(r, 4*12544), random(r, 32*12544), random(r, 32), random(r, 4*32)
				packed := newBuffer(kernel.PackedSize(32, 12544))
				kernel.PackTransposed(packed.data, w.data, 12544, 32)
				switch what {
				case "forward":
					return func() { kernel.Dense(y.data, x.data, w.data, bias.data, 4, 12544, 32, 0) }
				case "backward":
					return func() { kernel.DenseBackward(x.data, y.data, packed.data, 4, 12544, 32) }
				case "pack":
					return func() { kernel.PackTransposed(packed.data, w.data, 12544, 32) }
				}
				return func() { kernel.DenseFilter(w.data, x.data, y.data, 4, 12544, 32) }
			})
		})
	}
}
