//go:build goexperiment.simd && wasm

// Command tile prints a checksum of register tiles of many depths, and the tile's
// speed on stderr when it is given the number of repetitions.
package main

import (
	"hash/crc32"
	"math"
	"os"
	"strconv"
	"time"
	"unsafe"

	"vaelab/tools/internal/wasmopt/testdata/tile/kernel"
)

func main() {
	const maxK = 576
	a := make([]float32, 4*maxK)
	b := make([]float32, 8*maxK)
	c := make([]float32, 4*8)
	fill(a, 1)
	fill(b, 2)
	for k := 0; k <= 40; k++ {
		fill(c, uint32(k))
		kernel.Tile(unsafe.Pointer(&c[0]), 32, unsafe.Pointer(&a[0]), maxK*4, unsafe.Pointer(&b[0]), k)
		bits := make([]byte, 0, 4*len(c))
		var sum float64
		for _, x := range c {
			u := math.Float32bits(x)
			bits = append(bits, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
			sum += float64(x)
		}
		os.Stdout.WriteString(strconv.Itoa(k) + " " + strconv.FormatUint(uint64(crc32.ChecksumIEEE(bits)), 16) +
			" " + strconv.FormatFloat(sum, 'g', -1, 64) + "\n")
	}
	if len(os.Args) < 2 {
		return
	}
	reps, err := strconv.Atoi(os.Args[1])
	if err != nil {
		os.Stderr.WriteString("tile: repetitions: " + err.Error() + "\n")
		os.Exit(2)
	}
	best := math.Inf(1)
	for range 5 {
		start := time.Now()
		for range reps {
			kernel.Tile(unsafe.Pointer(&c[0]), 32, unsafe.Pointer(&a[0]), maxK*4, unsafe.Pointer(&b[0]), maxK)
		}
		best = min(best, time.Since(start).Seconds())
	}
	gflops := float64(reps) * maxK * 4 * 8 * 2 / best / 1e9
	os.Stderr.WriteString(strconv.FormatFloat(gflops, 'f', 1, 64) + " GFLOPS\n")
}

// fill draws values in [-1, 1) from a linear congruential generator.
func fill(dst []float32, seed uint32) {
	s := seed*2654435761 + 12345
	for i := range dst {
		s = s*1664525 + 1013904223
		dst[i] = float32(int32(s)) / (1 << 31)
	}
}
