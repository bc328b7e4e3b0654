package data

import (
	"math"
	"slices"
	"testing"
)

func TestPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 60000} {
		p := make([]int32, n)
		Permutation(p, 7, 3)
		again := make([]int32, n)
		Permutation(again, 7, 3)
		if !slices.Equal(p, again) {
			t.Errorf("%d: two calls disagree", n)
		}
		slices.Sort(again)
		for i, v := range again {
			if int(v) != i {
				t.Fatalf("%d: not a permutation: %d is at place %d of the sorted indices", n, v, i)
			}
		}
	}
	base, other := make([]int32, 100), make([]int32, 100)
	Permutation(base, 7, 3)
	for _, c := range []struct {
		seed  uint64
		epoch int
	}{{8, 3}, {7, 4}, {7 | 1<<40, 3}} {
		Permutation(other, c.seed, c.epoch)
		if slices.Equal(base, other) {
			t.Errorf("seed %d epoch %d has the order of seed 7 epoch 3", c.seed, c.epoch)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Permutation(base, 1, 1) }); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

// TestPermutationIsUnbiased counts all 24 orders of four over many epochs.
func TestPermutationIsUnbiased(t *testing.T) {
	const epochs = 24000
	counts := map[[4]int32]int{}
	var p [4]int32
	for e := range epochs {
		Permutation(p[:], 99, e)
		counts[p]++
	}
	chi := 0.0
	for _, n := range counts {
		d := float64(n) - epochs/24
		chi += d * d / (epochs / 24)
	}
	// χ² with 23 degrees of freedom exceeds 49.7 once in a thousand.
	if len(counts) != 24 || chi > 49.7 {
		t.Errorf("%d of 24 orders, χ² = %.1f, want at most 49.7", len(counts), chi)
	}
}

func TestChecksum(t *testing.T) {
	a := &Set{Images: pixels(2)}
	// FNV-1a written out.
	want := uint64(14695981039346656037)
	for _, b := range a.Images {
		want = (want ^ uint64(b)) * 1099511628211
	}
	if got := Checksum(a); got != want {
		t.Errorf("checksum %#x, want %#x", got, want)
	}
	b := &Set{Images: pixels(2), Labels: []byte{1, 2}}
	if Checksum(b) != want {
		t.Error("labels changed the checksum of the images")
	}
	b.Images[783] ^= 1
	if Checksum(b) == want {
		t.Error("a changed pixel did not change the checksum")
	}
}

func TestGather(t *testing.T) {
	s := &Set{Images: pixels(3)}
	dst := make([]float32, 2*Pixels+1)
	dst[2*Pixels] = -1
	s.Gather(dst, []int32{2, 0})
	for i := range Pixels {
		if math.Abs(float64(dst[i])*255-float64(s.Image(2)[i])) > 1e-4 || math.Abs(float64(dst[Pixels+i])*255-float64(s.Image(0)[i])) > 1e-4 {
			t.Fatalf("pixel %d: %g and %g, want %d and %d of 255", i, dst[i], dst[Pixels+i], s.Image(2)[i], s.Image(0)[i])
		}
	}
	if dst[2*Pixels] != -1 {
		t.Error("Gather wrote past the batch")
	}
	var one [1]float32
	if Scale(one[:], []byte{255}); one[0] != 1 {
		t.Errorf("255 became %g, want 1", one[0])
	}
}
