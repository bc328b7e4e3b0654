package noise

import (
	"math"
	"slices"
	"testing"
)

// TestKnownAnswers are the philox4x32 lines, 10 rounds, of Random123's
// tests/kat_vectors.
func TestKnownAnswers(t *testing.T) {
	const f = 0xffffffff
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// TestStreamsAreApart: whatever changes (seed, purpose, epoch, sample), high
// bits included, changes the noise.
func TestStreamsAreApart(t *testing.T) {
	type origin struct {
		seed    uint64
		purpose Purpose
		epoch   uint32
		sample  uint64
	}
	origins := []origin{
		{0, Init, 0, 0}, {1, Init, 0, 0}, {1 << 32, Init, 0, 0}, {1 << 63, Init, 0, 0},
		{0, Shuffle, 0, 0}, {0, TrainEps, 0, 0}, {0, ValEps, 0, 0}, {0, SampleZ, 0, 0}, {0, 255, 0, 0},
		{0, Init, 1, 0}, {0, Init, math.MaxUint32, 0},
		{0, Init, 0, 1}, {0, Init, 0, 1 << 32}, {0, Init, 0, 1<<56 - 1}, {0, Init, 0, 1 << 24}, {0, Init, 0, 1 << 55},
	}
	seen := map[[4]uint32]origin{}
	for _, o := range origins {
		var b [4]uint32
		New(o.seed, o.purpose, o.epoch).Uint32s(b[:], o.sample)
		if p, ok := seen[b]; ok {
			t.Errorf("%+v and %+v give the same noise", o, p)
		}
		seen[b] = o
	}
}

func TestOrderAndLengthDoNotMatter(t *testing.T) {
	s := New(42, TrainEps, 3)
	const samples, n = 50, 9
	var forward [samples][n]float32
	for i := range forward {
		s.Normal(forward[i][:], uint64(i))
	}
	for i := samples - 1; i >= 0; i-- {
		for length := range n + 1 {
			got := make([]float32, length)
			s.Normal(got, uint64(i))
			if !slices.Equal(got, forward[i][:length]) {
				t.Fatalf("sample %d, %d values: %v, want %v", i, length, got, forward[i][:length])
			}
		}
	}
	words := make([]uint32, 23)
	s.Uint32s(words, 7)
	c := s.Cursor(7)
	for i, w := range words {
		if got := c.Uint32(); got != w {
			t.Fatalf("word %d is %#x from the cursor, %#x from Uint32s", i, got, w)
		}
	}
	short := make([]uint32, 6)
	s.Uint32s(short, 7)
	if !slices.Equal(short, words[:6]) {
		t.Errorf("six words %x do not begin the longer sequence %x", short, words)
	}
}

// TestGolden pins values that runs on any machine must reproduce (the last bits
// of log and sin may differ between processors, so normals get a tolerance).
func TestGolden(t *testing.T) {
	s := New(0, Init, 0)
	var w [4]uint32
	s.Uint32s(w[:], 0)
	if w != philox([4]uint32{0, 0, 1 << 24, 0}, [2]uint32{}) {
		t.Errorf("sample 0 begins with %x: the layout of the counter changed", w)
	}
	var got, again [6]float32
	New(12345, TrainEps, 2).Normal(got[:], 59999)
	want := [6]float32{-0.69102067, -1.4443535, 0.89248997, 2.3632638, 0.91524947, 0.13447542}
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Errorf("normals are %v, want %v", got, want)
			break
		}
	}
	New(12345, Init, 0).Uniform(again[:], 3, -0.25, 0.25)
	if want := [6]float32{-0.04284232, -0.13905878, -0.018688101, -0.14226358, 0.22280166, -0.090538226}; again != want {
		t.Errorf("uniform values are %v, want %v", again, want)
	}
}

// kolmogorov returns √n times the largest distance of sorted values' empirical
// distribution from cdf; above 1.95 in one of a thousand honest tests.
func kolmogorov(x []float64, cdf func(float64) float64) float64 {
	slices.Sort(x)
	d := 0.0
	for i, v := range x {
		p := cdf(v)
		d = max(d, p-float64(i)/float64(len(x)), float64(i+1)/float64(len(x))-p)
	}
	return d * math.Sqrt(float64(len(x)))
}

func TestNormalIsNormal(t *testing.T) {
	const samples, n = 20000, 10
	s := New(2024, ValEps, 0)
	all := make([]float64, 0, samples*n)
	var m [5]float64 // sums of powers
	lag, across := 0.0, 0.0
	var dst, last [n]float32
	for i := range samples {
		s.Normal(dst[:], uint64(i))
		for j, v := range dst {
			z := float64(v)
			all = append(all, z)
			for p, w := 1, z; p < len(m); p, w = p+1, w*z {
				m[p] += w
			}
			if j > 0 {
				lag += z * float64(dst[j-1])
			}
			across += z * float64(last[j])
		}
		last = dst
	}
	count := float64(len(all))
	// Each statistic with its standard error under independence, at 4 σ.
	for _, c := range []struct {
		name             string
		got, want, sigma float64
	}{
		{"mean", m[1] / count, 0, 1},
		{"variance", m[2] / count, 1, math.Sqrt(2)},
		{"third moment", m[3] / count, 0, math.Sqrt(15)},
		{"fourth moment", m[4] / count, 3, math.Sqrt(96)},
		{"correlation of neighbours", lag / count, 0, 1},
		{"correlation of samples", across / count, 0, 1},
	} {
		if math.Abs(c.got-c.want) > 4*c.sigma/math.Sqrt(count) {
			t.Errorf("%s is %g, want %g ± %g", c.name, c.got, c.want, c.sigma/math.Sqrt(count))
		}
	}
	if k := kolmogorov(all, func(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }); k > 1.95 {
		t.Errorf("Kolmogorov–Smirnov statistic is %g, want at most 1.95", k)
	}
}

func TestUniformIsUniform(t *testing.T) {
	const n = 100000
	dst := make([]float32, n)
	New(5, Init, 0).Uniform(dst, 2, -0.5, 1.5)
	x := make([]float64, n)
	for i, v := range dst {
		if v < -0.5 || v > 1.5 {
			t.Fatalf("value %g is outside [-0.5, 1.5]", v)
		}
		x[i] = float64(v)
	}
	if k := kolmogorov(x, func(v float64) float64 { return (v + 0.5) / 2 }); k > 1.95 {
		t.Errorf("Kolmogorov–Smirnov statistic is %g, want at most 1.95", k)
	}
}

func TestBelow(t *testing.T) {
	c := New(1, Shuffle, 0).Cursor(0)
	// With n = ⅔·2³² two products fall into every even value and one into every
	// odd one: without rejection two thirds of the draws would be even.
	const n, draws = 2863311531, 90000
	even := 0
	for range draws {
		v := c.Below(n)
		if v >= n {
			t.Fatalf("%d is not below %d", v, uint32(n))
		}
		if v%2 == 0 {
			even++
		}
	}
	if math.Abs(float64(even)-draws/2) > 4*math.Sqrt(draws)/2 {
		t.Errorf("%d of %d draws are even, want about half", even, draws)
	}
	for range 100 {
		if v := c.Below(1); v != 0 {
			t.Fatalf("Below(1) = %d", v)
		}
	}
}

func TestBoxMullerEnds(t *testing.T) {
	for _, a := range []uint64{0, math.MaxUint64} {
		for _, b := range []uint64{0, math.MaxUint64} {
			z0, z1 := boxMuller(a, b)
			if math.IsNaN(z0+z1) || math.IsInf(z0+z1, 0) || math.Hypot(z0, z1) > 8.6 {
				t.Errorf("boxMuller(%#x, %#x) = %g, %g", a, b, z0, z1)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	dst, words := make([]float32, 33), make([]uint32, 33)
	if n := testing.AllocsPerRun(20, func() {
		s := New(1, TrainEps, 1)
		s.Normal(dst, 5)
		s.Uniform(dst, 5, 0, 1)
		s.Uint32s(words, 5)
		c := s.Cursor(5)
		words[0] = c.Below(7)
	}); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

func BenchmarkNormal(b *testing.B) {
	dst := make([]float32, 2)
	s := New(1, TrainEps, 1)
	for i := range b.N {
		s.Normal(dst, uint64(i))
	}
}
