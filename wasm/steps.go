//go:build js && wasm

package main

import (
	"errors"
	"strconv"
	"unsafe"

	"vaelab/core"
	"vaelab/core/data"
)

// A run whose shards and validation are computed by replicas: the leader's part.

// beginStep takes the next batch and makes its block. A step that was begun and not
// finished is begun again.
func (e *engine) beginStep() (int32, error) {
	if e.run == nil {
		return 0, errNoRun
	}
	t := e.run.trainer
	if err := t.Begin(); err != nil {
		return 0, err
	}
	batch, shards := t.Batch(), t.Config().Shards
	e.block = e.block.begin(t.Epoch(), shards, len(batch))
	bounds := e.block.bounds()
	for s := range shards {
		lo, hi := t.Bounds(s)
		bounds[s], bounds[s+1] = int32(lo), int32(hi)
	}
	copy(e.block.indices(), batch)
	pixels := e.block.pixels()
	for i, index := range batch {
		copy(pixels[i*data.Pixels:(i+1)*data.Pixels], e.run.images.Image(int(index)))
	}
	return statusOK, nil
}

func (e *engine) groupSize(workers int) int32 {
	if e.run == nil {
		return 1
	}
	return int32(core.GroupSize(e.run.trainer.Config().Shards, workers))
}

func (e *engine) gradient(shard int) unsafe.Pointer {
	if e.run == nil || shard < 0 || shard >= e.run.trainer.Config().Shards {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(e.run.trainer.Gradient(shard)))
}

func (e *engine) resultsFor(n int) unsafe.Pointer {
	if n > cap(e.results) {
		e.results = make([]core.Losses, n)
	}
	e.results = e.results[:max(n, 0)]
	return unsafe.Pointer(unsafe.SliceData(e.results))
}

func (e *engine) acceptShards(first, count int) (int32, error) {
	if e.run == nil {
		return 0, errNoRun
	}
	if first < 0 || count < 1 || first+count > e.run.trainer.Config().Shards || count > len(e.results) {
		return 0, errors.New("there are no shards " + strconv.Itoa(first) + " to " + strconv.Itoa(first+count-1))
	}
	for i, sum := range e.results[:count] {
		e.run.trainer.Accept(first+i, sum)
	}
	return statusOK, nil
}

func (e *engine) finishStep(group int) (int32, error) {
	r := e.run
	if r == nil {
		return 0, errNoRun
	}
	p, err := r.trainer.Finish(group)
	if errors.Is(err, core.ErrDiverged) {
		return statusDiverged, nil
	}
	if err != nil {
		return 0, err
	}
	done := 0.0
	if p.EpochDone {
		done = 1
		r.beginValidation(p)
	}
	running, batch := r.losses(p.Running), r.losses(p.Batch)
	e.report = [...]float64{
		float64(p.Epoch), float64(p.Step), float64(p.Images), done,
		running.Loss, running.Reconstruction, running.KL,
		batch.Loss, batch.Reconstruction, batch.KL,
	}
	return statusOK, nil
}

func (e *engine) blockOfValidation(lo, hi int) (int32, error) {
	r := e.run
	if r == nil || !r.validating {
		return 0, errNoRun
	}
	if err := r.checkRange(lo, hi); err != nil {
		return 0, err
	}
	e.block = e.block.begin(r.trainer.Epoch(), 1, hi-lo)
	bounds, indices := e.block.bounds(), e.block.indices()
	bounds[0], bounds[1] = 0, int32(hi-lo)
	for i := range indices {
		indices[i] = int32(lo + i)
	}
	copy(e.block.pixels(), r.validation.Images[lo*data.Pixels:hi*data.Pixels])
	return statusOK, nil
}

func (e *engine) acceptValidation(lo, hi int) (int32, error) {
	r := e.run
	if r == nil || !r.validating {
		return 0, errNoRun
	}
	if err := r.checkRange(lo, hi); err != nil {
		return 0, err
	}
	copy(r.sums[lo/core.ScoreSlice:(hi+core.ScoreSlice-1)/core.ScoreSlice], e.results)
	return statusOK, nil
}

// checkRange says whether [lo, hi) is whole slices of the validation.
func (r *run) checkRange(lo, hi int) error {
	n := r.validation.Len()
	if lo < 0 || lo >= hi || hi > n || lo%core.ScoreSlice != 0 || (hi%core.ScoreSlice != 0 && hi != n) {
		return errors.New("there is no range " + strconv.Itoa(lo) + " to " + strconv.Itoa(hi) + " in a validation of " + strconv.Itoa(n))
	}
	return nil
}
