package main

import (
	"fmt"
	"math"
	"strconv"
	"sync"

	"vaelab/core"
	"vaelab/core/data"
	"vaelab/core/kernel"
)

// benchGroup is the part of the report that a subject belongs to.
type benchGroup string

const (
	groupPeak   benchGroup = "peak"
	groupStep   benchGroup = "step"   // whole training steps, by batch
	groupModel  benchGroup = "model"  // encode and decode
	groupKernel benchGroup = "kernel" // one layer's pass
)

// benchSubject is something to measure, and what a call of it is worth.
type benchSubject struct {
	group   benchGroup
	name    string
	threads int
	batch   int
	images  float64 // per call; 0 where images mean nothing
	flop    float64 // per call
	run     func() error
}

// benchImages is the size of the set to train on: more batches than a round
// takes, few enough to make at once.
const benchImages = 2048

// syntheticSet draws soft discs of various places and sizes, so that a benchmark
// needs no data: the time of a step does not depend on what is in the images,
// but a loss that diverged would end it.
func syntheticSet(n int) *data.Set {
	set := &data.Set{Images: make([]byte, n*data.Pixels), Labels: make([]byte, n)}
	for i := range n {
		cx, cy := 8+float64(i%13), 8+float64(i/13%13)
		r := 2 + float64(i%5)
		image := set.Image(i)
		for p := range image {
			d := math.Hypot(float64(p%data.Side)-cx, float64(p/data.Side)-cy)
			image[p] = byte(255 / (1 + math.Exp(2*(d-r))))
		}
		set.Labels[i] = byte(i % 10)
	}
	return set
}

// peakSubject runs nothing but multiply-adds in registers, on every thread.
func peakSubject(threads int) benchSubject {
	const iterations = 20_000
	flop := float64(kernel.FMAPeak(iterations)) * float64(threads)
	run := func() error {
		var all sync.WaitGroup
		for range threads - 1 {
			all.Go(func() { kernel.FMAPeak(iterations) })
		}
		kernel.FMAPeak(iterations)
		all.Wait()
		return nil
	}
	return benchSubject{group: groupPeak, name: "FMA peak", threads: threads, flop: flop, run: run}
}

// trainSubject runs whole steps of the book's recipe.
func trainSubject(cfg core.Config, set *data.Set, batch, threads int) (benchSubject, error) {
	m, err := core.NewModel(cfg, 1)
	if err != nil {
		return benchSubject{}, err
	}
	m.SetThreads(threads)
	tc := core.SeedPreset()
	tc.Batch, tc.Epochs, tc.Seed = batch, 100_000, 1
	trainer, err := core.NewTrainer(m, set, tc)
	if err != nil {
		return benchSubject{}, err
	}
	return benchSubject{
		group: groupStep, name: "train, batch " + strconv.Itoa(batch), threads: threads, batch: batch,
		images: float64(batch), flop: 2 * workOf(cfg).train() * float64(batch),
		run: func() error {
			_, err := trainer.Step()
			return err
		},
	}, nil
}

// codeSubjects encode and decode a batch.
func codeSubjects(cfg core.Config, set *data.Set, batch, threads int) ([]benchSubject, error) {
	m, err := core.NewModel(cfg, 1)
	if err != nil {
		return nil, err
	}
	m.SetThreads(threads)
	x := make([]float32, batch*core.ImagePixels)
	for i := range x {
		x[i] = float32(set.Images[i]) / 255
	}
	mean, logVar := make([]float32, batch*cfg.Latent), make([]float32, batch*cfg.Latent)
	z, out := make([]float32, batch*cfg.Latent), make([]float32, len(x))
	m.SamplePrior(z, 1, 1)
	w, n := workOf(cfg), float64(batch)
	title := ", batch " + strconv.Itoa(batch)
	return []benchSubject{
		{groupModel, "encode" + title, threads, batch, n, 2 * n * w.encode(), func() error { m.Encode(mean, logVar, x); return nil }},
		{groupModel, "decode" + title, threads, batch, n, 2 * n * w.decode(), func() error { m.Decode(out, z); return nil }},
	}, nil
}

// benchSubjects is everything that bench measures, in the order of the report.
func benchSubjects(cfg core.Config, threads int) ([]benchSubject, error) {
	set := syntheticSet(benchImages)
	counts := []int{1}
	if threads > 1 {
		counts = append(counts, threads)
	}
	var all []benchSubject
	for _, n := range counts {
		all = append(all, peakSubject(n))
	}
	for _, batch := range []int{1, 16, 128} {
		for _, n := range counts {
			s, err := trainSubject(cfg, set, batch, n)
			if err != nil {
				return nil, fmt.Errorf("%d threads, batch %d: %w", n, batch, err)
			}
			all = append(all, s)
		}
	}
	for _, batch := range []int{1, 128} {
		for _, n := range counts {
			if batch == 1 && n > 1 {
				continue // one image is one goroutine's work
			}
			s, err := codeSubjects(cfg, set, batch, n)
			if err != nil {
				return nil, err
			}
			all = append(all, s...)
		}
	}
	return append(all, kernelSubjects(cfg)...), nil
}
