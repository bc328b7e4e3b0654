package noise

import "math"

// Purpose keeps apart the streams that are drawn from one seed.
type Purpose uint8

// The purposes, and what is the sample in each. Their numbers are part of what
// makes a run reproducible: never change one, only add.
const (
	Init     Purpose = 1 // weights; sample: the parameter's number in the model
	Shuffle  Purpose = 2 // order of an epoch; sample: 0
	TrainEps Purpose = 3 // ε of training; sample: the image's index in the set
	ValEps   Purpose = 4 // ε of validation; sample: the image's index in the set
	SampleZ  Purpose = 5 // z drawn from the prior; sample: the picture's number
)

// maxSample is the first sample that no longer fits beside the purpose.
const maxSample = 1 << 56

// Stream is all the noise of one (seed, purpose, epoch): for each sample below
// 2⁵⁶ a sequence of its own, of up to 2³⁴ words. It is a plain value, free to
// copy and to use from several goroutines.
type Stream struct {
	key     [2]uint32
	purpose uint32
	epoch   uint32
}

// New returns the stream of (seed, purpose, epoch).
func New(seed uint64, purpose Purpose, epoch uint32) Stream {
	return Stream{key: [2]uint32{uint32(seed), uint32(seed >> 32)}, purpose: uint32(purpose), epoch: epoch}
}

// block returns the four words number 4·i to 4·i+3 of a sample. Distinct
// arguments are distinct counters: no two samples share a block.
func (s Stream) block(sample uint64, i uint32) [4]uint32 {
	return philox([4]uint32{i, uint32(sample), uint32(sample>>32) | s.purpose<<24, s.epoch}, s.key)
}

func check(sample uint64) {
	if sample >= maxSample {
		panic("noise: sample is not below 2^56")
	}
}

// Uint32s fills dst with the sample's words, uniform over all uint32.
func (s Stream) Uint32s(dst []uint32, sample uint64) {
	check(sample)
	for i := uint32(0); len(dst) > 0; i++ {
		b := s.block(sample, i)
		dst = dst[copy(dst, b[:]):]
	}
}

// Uniform fills dst with values uniform in [lo, hi].
func (s Stream) Uniform(dst []float32, sample uint64, lo, hi float64) {
	check(sample)
	var b [4]uint32
	for i := range dst {
		if i%4 == 0 {
			b = s.block(sample, uint32(i/4))
		}
		// The middle of one of 2³² equal cells of (0,1). The conversions around
		// products keep a compiler from fusing them with the sum: a fused
		// multiply-add rounds differently, and these values are to be the same
		// on every machine.
		u := (float64(b[i%4]) + 0.5) * 0x1p-32
		dst[i] = float32(lo + float64((hi-lo)*u))
	}
}

// Normal fills dst with independent standard normals, by the Box–Muller
// transform in float64. A longer dst begins with the values of a shorter one.
func (s Stream) Normal(dst []float32, sample uint64) {
	check(sample)
	for i := uint32(0); len(dst) > 0; i++ {
		b := s.block(sample, i)
		z0, z1 := boxMuller(uint64(b[1])<<32|uint64(b[0]), uint64(b[3])<<32|uint64(b[2]))
		dst[0] = float32(z0)
		if len(dst) == 1 {
			return
		}
		dst[1] = float32(z1)
		dst = dst[2:]
	}
}

// boxMuller makes two independent standard normals of 2×64 random bits.
func boxMuller(a, b uint64) (float64, float64) {
	u := float64(a>>11+1) * 0x1p-53 // in (0,1]: its logarithm is finite
	v := float64(b>>11) * 0x1p-53   // in [0,1)
	r := math.Sqrt(-2 * math.Log(u))
	sin, cos := math.Sincos(2 * math.Pi * v)
	return r * cos, r * sin
}

// Cursor walks over the words of one sample.
type Cursor struct {
	stream Stream
	sample uint64
	block  [4]uint32
	next   uint32 // block to be drawn next
	used   uint8  // words of block that are gone
}

// Cursor returns a cursor before the sample's first word.
func (s Stream) Cursor(sample uint64) Cursor {
	check(sample)
	return Cursor{stream: s, sample: sample, used: 4}
}

// Uint32 returns the next word.
func (c *Cursor) Uint32() uint32 {
	if c.used == 4 {
		c.block = c.stream.block(c.sample, c.next)
		c.next++
		c.used = 0
	}
	w := c.block[c.used]
	c.used++
	return w
}

// Below returns the next integer uniform in [0, n), without bias; it panics if n
// is 0. (D. Lemire, "Fast Random Integer Generation in an Interval", 2019.)
func (c *Cursor) Below(n uint32) uint32 {
	if n == 0 {
		panic("noise: Below of 0")
	}
	p := uint64(c.Uint32()) * uint64(n)
	if uint32(p) < n {
		// The first 2³² mod n products of each cell would favour it: draw again.
		for reject := -n % n; uint32(p) < reject; {
			p = uint64(c.Uint32()) * uint64(n)
		}
	}
	return uint32(p >> 32)
}
