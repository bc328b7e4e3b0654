//go:build js && wasm

package main

import (
	"errors"
	"strconv"
	"unsafe"

	"vaelab/core"
	"vaelab/core/data"
)

// A replica's part: the instance of a worker that computes for the leader's.

// makeReplica prepares this instance to compute for a leader that holds a model of
// the given config. Parameters are to be written before anything is computed.
func (e *engine) makeReplica(q ReplicaRequest) (Empty, error) {
	if e.run != nil {
		return Empty{}, errTraining
	}
	cfg, err := modelConfig(q.Config)
	if err != nil {
		return Empty{}, err
	}
	group, err := whole("the number of shards in a group", q.Group, 1, 64)
	if err != nil {
		return Empty{}, err
	}
	seed, err := whole("the seed", q.Seed, 0, maxSeed)
	if err != nil {
		return Empty{}, err
	}
	r, err := core.NewReplica(cfg, group)
	if err != nil {
		return Empty{}, badInput(err)
	}
	e.replica, e.group = r, group
	e.job = core.ShardJob{Seed: uint64(seed), Objective: objective(q.Objective, q.Beta)}
	e.model = r.Model()
	return Empty{}, nil
}

func (e *engine) blockFor(bytes int) unsafe.Pointer {
	n := max(bytes, 0) / 4
	if n > cap(e.block) {
		e.block = make(block, n)
	}
	e.block = e.block[:n]
	return unsafe.Pointer(unsafe.SliceData(e.block))
}

var errNoReplica = stateError("this instance is no replica, or its block is not complete")

func (e *engine) computeShards(first, count int) (int32, error) {
	b := e.block
	if e.replica == nil || !b.complete() {
		return 0, errNoReplica
	}
	if first < 0 || count < 1 || count > e.group || first+count > b.shards() {
		return 0, errors.New("there are no shards " + strconv.Itoa(first) + " to " + strconv.Itoa(first+count-1))
	}
	e.resultsFor(count)
	bounds, indices, pixels := b.bounds(), b.indices(), b.pixels()
	job := e.job
	job.Batch, job.Epoch = b.images(), b.epoch()
	for slot := range count {
		lo, hi := bounds[first+slot], bounds[first+slot+1]
		job.Slot, job.Indices, job.Pixels = slot, indices[lo:hi], pixels[lo*data.Pixels:hi*data.Pixels]
		sum, err := e.replica.Shard(job)
		if err != nil {
			return 0, err
		}
		e.results[slot] = sum
	}
	e.sum = e.replica.Sum(count)
	return statusOK, nil
}

func (e *engine) scoreBlock() (int32, error) {
	b := e.block
	if e.replica == nil || !b.complete() {
		return 0, errNoReplica
	}
	e.resultsFor((b.images() + core.ScoreSlice - 1) / core.ScoreSlice)
	job := e.job
	job.Epoch, job.Indices, job.Pixels = b.epoch(), b.indices(), b.pixels()
	return statusOK, e.replica.Score(e.results, job)
}
