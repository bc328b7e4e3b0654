package core

import (
	"errors"

	"vaelab/core/data"
	"vaelab/core/kernel"
	"vaelab/core/nn"
	"vaelab/core/noise"
)

// Replica computes shards of another's training step, with a copy of the
// parameters and without the data set: what a worker does that shares no memory
// with the trainer. A step with replicas is
//
//	trainer: Begin → Batch, Bounds → hands parameters and images out
//	replica: Load → Shard for each of its shards → Sum
//	trainer: Accept for each group of shards → Finish
//
// and has the bits of [Trainer.Step].
type Replica struct {
	model *Model
	grads []*nn.Params // one per shard of a group
}

// NewReplica returns a replica for groups of up to the given number of shards.
func NewReplica(cfg Config, shards int) (*Replica, error) {
	m, err := newModel(cfg)
	if err != nil {
		return nil, err
	}
	if shards < 1 || shards > 64 {
		return nil, errors.New("core: a replica computes 1 to 64 shards at a time")
	}
	r := &Replica{model: m}
	for range shards {
		r.grads = append(r.grads, nn.NewParams(nn.Dims(cfg)))
	}
	return r, nil
}

// Parameters is where the step's parameters are to be written, in the order of
// [Model.Tensors]; [Replica.Load] then takes note of them.
func (r *Replica) Parameters() []float32 { return r.model.params.Flat }

// Load prepares to compute with the parameters that were written.
func (r *Replica) Load() {
	r.model.Changed()
	r.model.prepare(true)
}

// Model is the replica's model, for decoding and encoding with the parameters that
// were written last; who writes others calls [Model.Changed] or [Replica.Load].
func (r *Replica) Model() *Model { return r.model }

// ShardJob is one shard's part of a step, or a part of a validation.
type ShardJob struct {
	Slot      int     // which of the replica's gradients it goes to
	Indices   []int32 // of the images in the trainer's set: they key the noise
	Pixels    []byte  // the images themselves, len(Indices)×784
	Batch     int     // images of the whole batch
	Seed      uint64
	Epoch     int
	Objective Objective
}

// Shard computes a shard's gradient into its slot and returns its losses, summed.
func (r *Replica) Shard(j ShardJob) (Losses, error) {
	if j.Slot < 0 || j.Slot >= len(r.grads) || len(j.Pixels) != len(j.Indices)*data.Pixels || len(j.Indices) > j.Batch {
		return Losses{}, errors.New("core: a shard's slot or number of pixels does not fit")
	}
	g := r.grads[j.Slot]
	clear(g.Flat)
	eps := noise.New(j.Seed, noise.TrainEps, uint32(j.Epoch))
	r.model.prepare(true)
	w, m := r.model.spaces[0], r.model
	var sum Losses
	for lo := 0; lo < len(j.Indices); lo += sliceImages {
		hi := min(lo+sliceImages, len(j.Indices))
		for i := lo; i < hi; i++ {
			w.SetImage(i-lo, j.Pixels[i*data.Pixels:(i+1)*data.Pixels])
			eps.Normal(w.Eps(i-lo), uint64(j.Indices[i]))
		}
		part := w.Gradient(m.params, m.packed, g, j.Objective, hi-lo, j.Batch)
		sum.Reconstruction += part.Reconstruction
		sum.KL += part.KL
	}
	return sum, nil
}

// ScoreSlice is how many images of a validation are summed together. A figure is
// made of these sums added in order, whoever computed them.
const ScoreSlice = sliceImages

// Score writes the sums of the losses of the given images under the objective, one
// per slice of [ScoreSlice] of them, with the noise of [Trainer.Validate]: Epoch is
// the number of epochs done. Slot and Batch do not matter.
func (r *Replica) Score(sums []Losses, j ShardJob) error {
	n := len(j.Indices)
	if len(j.Pixels) != n*data.Pixels || len(sums) != slicesOf(n) {
		return errors.New("core: the number of pixels or sums does not fit the images to score")
	}
	eps := noise.New(j.Seed, noise.ValEps, uint32(j.Epoch))
	r.model.prepare(false)
	w, m := r.model.spaces[0], r.model
	for s := range sums {
		lo := s * sliceImages
		hi := min(lo+sliceImages, n)
		for i := lo; i < hi; i++ {
			w.SetImage(i-lo, j.Pixels[i*data.Pixels:(i+1)*data.Pixels])
			eps.Normal(w.Eps(i-lo), uint64(j.Indices[i]))
		}
		w.Encode(m.params, m.packed, hi-lo)
		sums[s] = w.Score(m.params, m.packed, j.Objective, hi-lo)
	}
	return nil
}

func slicesOf(images int) int { return (images + sliceImages - 1) / sliceImages }

// Sum adds the gradients of slots 0 … n−1 by the tree of [Trainer.Step] and returns the sum.
func (r *Replica) Sum(n int) []float32 {
	addTree(r.grads[:n], 1, 0, r.model.Parameters())
	return r.grads[0].Flat
}

// addTree adds parameters lo … hi−1 of gradients into the first: neighbours, then
// neighbouring pairs and so on, from groups of the given size that are added already.
func addTree(grads []*nn.Params, group, lo, hi int) {
	for stride := group; stride < len(grads); stride *= 2 {
		for i := 0; i+stride < len(grads); i += 2 * stride {
			kernel.Axpy(grads[i].Flat[lo:hi], grads[i+stride].Flat[lo:hi], 1)
		}
	}
}

// GroupSize is how many neighbouring shards to give to one of n workers at a time:
// whole subtrees of the sum, so that a worker returns one gradient for all of them,
// and at least n groups where there are as many shards. It is 1 where the number of
// shards is no power of two.
func GroupSize(shards, n int) int {
	if shards&(shards-1) != 0 {
		return 1
	}
	group := shards
	for group > 1 && shards/group < n {
		group /= 2
	}
	return group
}

// Flat is the parameters as one slice, in the order of [Model.Tensors]. Who writes to
// it calls [Model.Changed] afterwards.
func (m *Model) Flat() []float32 { return m.params.Flat }

// ScoreSlices is [Replica.Score] in the trainer's own place, for images [lo, hi) of a
// set: with lo a multiple of [ScoreSlice], the sums are those of the replicas, and
// all of a set's, added in order and divided by its images, are [Trainer.Validate].
func (t *Trainer) ScoreSlices(sums []Losses, set *data.Set, lo, hi int) {
	m := t.model
	m.prepare(false)
	w, eps := m.spaces[0], noise.New(t.config.Seed, noise.ValEps, uint32(t.epoch))
	for s := range slicesOf(hi - lo) {
		first := lo + s*sliceImages
		n := min(sliceImages, hi-first)
		for i := range n {
			w.SetImage(i, set.Image(first+i))
			eps.Normal(w.Eps(i), uint64(first+i))
		}
		w.Encode(m.params, m.packed, n)
		sums[s] = w.Score(m.params, m.packed, t.config.Objective, n)
	}
}

// Begin starts a step whose shards others compute; [Trainer.Finish] ends it. Until
// then the parameters stand still.
func (t *Trainer) Begin() error { return t.begin() }

// Batch returns the indices of the step's images, valid until the next step begins.
func (t *Trainer) Batch() []int32 { return t.batch }

// Bounds returns which part of the batch belongs to a shard.
func (t *Trainer) Bounds(shard int) (lo, hi int) { return t.bounds(shard) }

// Parameters is the model's parameters, for handing out.
func (t *Trainer) Parameters() []float32 { return t.model.params.Flat }

// Gradient is where the summed gradient of the group that begins with a shard is to
// be written before [Trainer.Accept].
func (t *Trainer) Gradient(shard int) []float32 { return t.grads[shard].Flat }

// Accept takes note of the losses of a shard, as [Replica.Shard] returned them.
func (t *Trainer) Accept(shard int, sum Losses) { t.sums[shard] = sum }

// Finish updates the parameters from groups of the given size, each summed into
// the gradient of its first shard.
func (t *Trainer) Finish(group int) (Progress, error) {
	t.group = group
	err := t.finish()
	t.group = 1
	return t.progress, err
}
