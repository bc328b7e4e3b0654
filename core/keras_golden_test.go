package core_test

import (
	"compress/gzip"
	"io"
	"math"
	"os"
	"testing"

	"vaelab/core"
	"vaelab/core/weights"
)

// golden is one file of named values.
type golden map[string][]float32

func readGolden(t testing.TB, name string) golden {
	t.Helper()
	f, err := os.Open("testdata/keras/" + name + ".safetensors.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(name, err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(name, err)
	}
	file, err := weights.Decode(b, name)
	if err != nil {
		t.Fatal(err)
	}
	g := golden{}
	for _, tensor := range file.Tensors {
		g[tensor.Name] = tensor.Data
	}
	return g
}

// mix is element i of formula.py's mix(key): murmur3's finaliser over i and key.
func mix(key, i uint32) uint32 {
	h := i*0x9E3779B1 + (key+1)*0x85EBCA77
	h ^= h >> 16
	h *= 0x85EBCA6B
	h ^= h >> 13
	h *= 0xC2B2AE35
	return h ^ h>>16
}

// fill writes formula.py's weights, bit for bit.
func fill(tensors []core.Tensor) {
	for key, t := range tensors {
		limit := float32(0.05)
		if n := len(t.Shape); n > 1 {
			fan := float64(t.Shape[n-2] + t.Shape[n-1])
			if n == 4 {
				fan *= 9
			}
			limit = float32(math.Sqrt(6 / fan))
		}
		for i := range t.Data {
			t.Data[i] = limit * ((float32(mix(uint32(key), uint32(i))>>8) - 1<<23) / (1 << 23))
		}
	}
}

// norm is the 2-norm of a − b, of a where b is nil.
func norm(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v)
		if b != nil {
			d -= float64(b[i])
		}
		sum += d * d
	}
	return math.Sqrt(sum)
}

// signed returns formula.py's eight sums of x with pseudo-random signs.
func signed(x []float32) []float32 {
	var sums [8]float64
	for i, v := range x {
		bits := mix(1000, uint32(i))
		for k := range sums {
			// Sign bit k, without a branch: a coin's toss mispredicts every second time.
			sums[k] += float64(math.Float32frombits(math.Float32bits(v) ^ (bits>>k&1)<<31))
		}
	}
	out := make([]float32, len(sums))
	for k, s := range sums {
		out[k] = float32(s)
	}
	return out
}

// difference is the relative error of got against the value of that name, which is stored whole or as a sketch.
// Where start is not nil, it is the error of got − start instead: the sketch is linear.
func (g golden) difference(t testing.TB, name string, got, start []float32) float64 {
	t.Helper()
	whole, samples, signs := g[name], g[name+"#samples"], g[name+"#signs"]
	if whole == nil && (samples == nil || signs == nil) {
		t.Fatalf("there is no golden value %q", name)
	}
	if whole != nil {
		if len(whole) != len(got) {
			t.Fatalf("%s has %d values, want %d", name, len(got), len(whole))
		}
		return norm(got, whole) / max(norm(got, start), 1e-30)
	}
	pick := func(x []float32) (some []float32) {
		for i := range samples {
			some = append(some, x[i*(len(x)/len(samples))])
		}
		return some
	}
	some, someStart, scale := pick(got), []float32(nil), float64(0)
	if start == nil {
		scale = float64(g[name+"#norm"][0])
	} else { // the file holds the norm of the value, not of its change
		someStart, scale = pick(start), norm(got, start)
	}
	return max(
		norm(some, samples)/max(norm(some, someStart), scale*math.Sqrt(float64(len(some))/float64(len(got)))),
		norm(signed(got), signs)/(scale*math.Sqrt(float64(len(signs)))),
	)
}

// worst keeps the largest error of each kind, for -v.
type worst map[string]float64

// check fails if got is farther from the golden value than tolerance.
func (w worst) check(t testing.TB, kind string, g golden, name string, got, start []float32, tolerance float64) {
	t.Helper()
	d := g.difference(t, name, got, start)
	w[kind] = max(w[kind], d)
	if !(d <= tolerance) {
		t.Errorf("%s: %s is off by %.2g, want at most %g", kind, name, d, tolerance)
	}
}

func (w worst) log(t *testing.T) {
	for kind, d := range w {
		t.Logf("%-16s off by at most %.1e", kind, d)
	}
}
