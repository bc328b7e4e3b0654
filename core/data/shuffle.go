package data

import (
	"hash/fnv"

	"vaelab/core/noise"
)

// Permutation fills dst with a permutation of 0 … len(dst)−1 that depends on
// seed and epoch alone: the order in which that epoch visits the images. All
// permutations are equally likely (Fisher–Yates, drawn without bias). It does
// not allocate.
func Permutation(dst []int32, seed uint64, epoch int) {
	for i := range dst {
		dst[i] = int32(i)
	}
	c := noise.New(seed, noise.Shuffle, uint32(epoch)).Cursor(0)
	for i := len(dst) - 1; i > 0; i-- {
		j := c.Below(uint32(i + 1))
		dst[i], dst[j] = dst[j], dst[i]
	}
}

// Checksum returns the 64-bit FNV-1a hash of the set's images: a run that is
// resumed checks with it that it meets the images it was started on.
func Checksum(s *Set) uint64 {
	h := fnv.New64a()
	h.Write(s.Images)
	return h.Sum64()
}

// Gather writes the images of the given indices to dst (len(indices)×784),
// scaled from bytes to [0,1] by /255.
func (s *Set) Gather(dst []float32, indices []int32) {
	for i, index := range indices {
		Scale(dst[i*Pixels:(i+1)*Pixels], s.Image(int(index)))
	}
}

// Scale writes pixels/255 to dst, which must be at least as long.
func Scale(dst []float32, pixels []byte) {
	dst = dst[:len(pixels)]
	for i, p := range pixels {
		dst[i] = float32(p) / 255
	}
}
