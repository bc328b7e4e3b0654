// Package noise is the counter-based random generator that initialisation,
// shuffles and ε draw from. Every value is a pure function of (seed, purpose,
// epoch, sample, index), so no caller's turn changes another's noise, a resumed
// run meets the noise it would have met, and shards may be computed anywhere.
// Nothing here allocates.
//
// The generator is Philox4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror,
// D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
package noise

// philox returns the block of four words that Philox4x32 makes of a counter and
// a key in ten rounds.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	// The multipliers, and the Weyl increments of the key: the golden ratio and √3−1.
	const m0, m1 = 0xD2511F53, 0xCD9E8D57
	const w0, w1 = 0x9E3779B9, 0xBB67AE85
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	k0, k1 := k[0], k[1]
	for range 10 {
		p0, p1 := uint64(c0)*m0, uint64(c2)*m1
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += w0
		k1 += w1
	}
	return [4]uint32{c0, c1, c2, c3}
}
