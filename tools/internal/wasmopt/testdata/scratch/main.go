//go:build goexperiment.simd && wasm

package main

import (
	"math"
	"os"
	"strconv"
	"time"
	"unsafe"

	"vaelab/core/kernel/lane"
	"vaelab/core/kernel/lanes4"
)

func main() {
	// 64->64 at 14x14, padded 16x16
	in := make([]float32, 16*16*64)
	w := make([]float32, 9*64*8)
	out := make([]float32, 14*14*64)
	bias := make([]float32, 8)
	for i := range in { in[i] = float32(i%13) / 13 }
	for i := range w { w[i] = float32(i%7) / 70 }
	g := lane.Conv{A: unsafe.Pointer(&in[0]), APix: 64 * 4, ARow: 16 * 64 * 4, ASeg: 16 * 64 * 4, B: unsafe.Pointer(&w[0]), C: unsafe.Pointer(&out[0]), CPix: 64 * 4, CRow: 14 * 64 * 4, Bias: unsafe.Pointer(&bias[0]), W: 14, H: 14, Segs: 3, K: 192, Cols: 8}
	best, bestp, bestf := math.Inf(1), math.Inf(1), math.Inf(1)
	grad := make([]float32, 64*64)
	f := lane.Filter{A: unsafe.Pointer(&in[0]), APix: 64 * 4, ARow: 16 * 64 * 4, B: unsafe.Pointer(&out[0]), BPix: 64 * 4, BRow: 14 * 64 * 4, C: unsafe.Pointer(&grad[0]), CRow: 64 * 4, W: 14, H: 14, Rows: 4, Cols: 8}
	for range 5 {
		start := time.Now()
		for range 200 { lanes4.Conv(&g) }
		best = min(best, time.Since(start).Seconds())
		start = time.Now()
		for range 10000 { lanes4.Filter(&f) }
		bestf = min(bestf, time.Since(start).Seconds())
		start = time.Now()
		lanes4.Peak(1000000, .3)
		bestp = min(bestp, time.Since(start).Seconds())
	}
	var sum float64
	for _, x := range out { sum += float64(x) }
	for _, x := range grad { sum += float64(x) }
	os.Stderr.WriteString("conv " + strconv.FormatFloat(200*196*576*8*2/best/1e9, 'f', 1, 64) + " GFLOPS, filter " + strconv.FormatFloat(10000*196*32*2/bestf/1e9, 'f', 1, 64) +", peak " + strconv.FormatFloat(1000000*8*4*2/bestp/1e9, 'f', 1, 64) + " sum " + strconv.FormatFloat(sum, 'g', -1, 64) + "\n")
}
