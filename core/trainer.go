package core

import (
	"errors"
	"math"

	"vaelab/core/data"
	"vaelab/core/kernel"
	"vaelab/core/nn"
	"vaelab/core/noise"
)

// ErrDiverged says that the loss or a gradient is not finite. The step was not
// applied: the model holds the last good parameters.
var ErrDiverged = errors.New("core: training diverged: the loss or its gradient is not a finite number; try a smaller learning rate")

// ErrDone says that all epochs are trained.
var ErrDone = errors.New("core: all epochs are trained")

// Trainer trains a model in place. A step is: take a batch, cut it into shards,
// compute each shard's gradient by itself, add them in a fixed binary tree, update.
// Who computes which shard, and in what order, changes no bit.
type Trainer struct {
	model  *Model
	set    *data.Set
	config TrainConfig
	opt    *nn.Optimizer

	order    []int32 // this epoch's permutation
	sum      uint64  // data.Checksum of set, once summed
	summed   bool
	ordered  int // the epoch that order is for, −1 for none
	epoch    int // of the next step, 0-based
	step     int // steps done in it
	progress Progress
	running  Losses // sums over this epoch's samples

	// Of the step in progress.
	batch   []int32      // indices of its images
	eps     noise.Stream // its noise, keyed by the image's index
	grads   []*nn.Params // one per shard
	sums    []Losses     // one per shard
	squares []float64    // one per block: sums of squared gradients, to find what is not finite
	shard   int          // next shard of a step taken in slices
	done    int          // images of that shard which are through
	inStep  bool
	group   int // shards whose gradients are summed already when a step finishes

	shardJob, reduceJob, updateJob func(worker, job int)
}

// Progress is the state after a step.
type Progress struct {
	Epoch     int    // 0-based epoch that the step belongs to
	Step      int    // 1-based within the epoch
	Steps     int    // steps in an epoch
	Images    int    // images of this batch
	Batch     Losses // means over this batch
	Running   Losses // means over the samples of this epoch so far: what Keras prints
	EpochDone bool   // this was the epoch's last step
}

// NewTrainer returns a trainer of m on set.
func NewTrainer(m *Model, set *data.Set, cfg TrainConfig) (*Trainer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, errors.New("core: the training set is empty")
	}
	t := &Trainer{model: m, set: set, config: cfg.withDefaults(), ordered: -1, group: 1}
	t.opt = nn.NewOptimizer(t.config.Optimizer, m.Parameters())
	t.order = make([]int32, set.Len())
	for range t.config.Shards {
		t.grads = append(t.grads, nn.NewParams(nn.Dims(m.config)))
	}
	t.sums = make([]Losses, t.config.Shards)
	t.squares = make([]float64, t.blocks())
	t.shardJob = func(worker, shard int) {
		t.startShard(shard)
		lo, hi := t.bounds(shard)
		for ; lo < hi; lo += sliceImages {
			t.slice(t.model.spaces[worker], shard, lo, min(lo+sliceImages, hi))
		}
	}
	t.reduceJob = func(_, block int) { t.reduceBlock(block) }
	t.updateJob = func(_, block int) { t.updateBlock(block) }
	return t, nil
}

// Model returns the model being trained.
func (t *Trainer) Model() *Model { return t.model }

// Config returns the run's settings, defaults filled in.
func (t *Trainer) Config() TrainConfig { return t.config }

// Progress returns what the last step returned.
func (t *Trainer) Progress() Progress { return t.progress }

// Epoch returns how many epochs are complete.
func (t *Trainer) Epoch() int { return t.epoch }

// EpochStep returns how many steps are done in the epoch after the complete ones.
func (t *Trainer) EpochStep() int { return t.step }

// Done says that all epochs are trained.
func (t *Trainer) Done() bool { return t.epoch >= t.config.Epochs }

// SetEpochs changes where the run ends; epochs that are trained stay trained.
func (t *Trainer) SetEpochs(n int) error {
	c := t.config
	c.Epochs = n
	if err := c.Validate(); err != nil {
		return err
	}
	t.config.Epochs = n
	return nil
}

// steps is the number of steps in an epoch, the partial last batch included.
func (t *Trainer) steps() int { return (t.set.Len() + t.config.Batch - 1) / t.config.Batch }

// Step does one step. In the steady state it allocates nothing.
func (t *Trainer) Step() (Progress, error) {
	if err := t.begin(); err != nil {
		return t.progress, err
	}
	t.model.prepare(true)
	t.model.pool.run(t.config.Shards, t.shardJob)
	err := t.finish()
	return t.progress, err
}

// Advance does a slice of a step, at most four images of one shard, so that a
// caller with a single thread can answer others in between. done says that the
// step is complete, and p what it did; the bits are those of [Trainer.Step].
func (t *Trainer) Advance() (p Progress, done bool, err error) {
	if !t.inStep {
		if err := t.begin(); err != nil {
			return t.progress, false, err
		}
		t.model.prepare(true)
		t.inStep, t.shard, t.done = true, 0, 0
	}
	lo, hi := t.bounds(t.shard)
	if t.done == 0 {
		t.startShard(t.shard)
	}
	if lo += t.done; lo < hi {
		end := min(lo+sliceImages, hi)
		t.slice(t.model.spaces[0], t.shard, lo, end)
		t.done += end - lo
	}
	if first, _ := t.bounds(t.shard); first+t.done < hi {
		return t.progress, false, nil
	}
	t.done = 0
	if t.shard++; t.shard < t.config.Shards {
		return t.progress, false, nil
	}
	t.inStep = false
	err = t.finish()
	return t.progress, err == nil, err
}

// begin takes the next batch.
func (t *Trainer) begin() error {
	if t.Done() {
		return ErrDone
	}
	if t.ordered != t.epoch {
		data.Permutation(t.order, t.config.Seed, t.epoch)
		t.ordered = t.epoch
	}
	first := t.step * t.config.Batch
	t.batch = t.order[first:min(first+t.config.Batch, len(t.order))]
	t.eps = noise.New(t.config.Seed, noise.TrainEps, uint32(t.epoch))
	return nil
}

// bounds is the part of the batch that a shard computes.
func (t *Trainer) bounds(shard int) (lo, hi int) {
	n := len(t.batch)
	return shard * n / t.config.Shards, (shard + 1) * n / t.config.Shards
}

func (t *Trainer) startShard(shard int) {
	clear(t.grads[shard].Flat)
	t.sums[shard] = Losses{}
}

// slice adds images [lo, hi) of the batch to a shard's gradient.
func (t *Trainer) slice(w *nn.Workspace, shard, lo, hi int) {
	for i, index := range t.batch[lo:hi] {
		w.SetImage(i, t.set.Image(int(index)))
		t.eps.Normal(w.Eps(i), uint64(index))
	}
	m := t.model
	part := w.Gradient(m.params, m.packed, t.grads[shard], t.config.Objective, hi-lo, len(t.batch))
	t.sums[shard].Reconstruction += part.Reconstruction
	t.sums[shard].KL += part.KL
}

// finish adds the shards' gradients, updates the parameters and moves on.
func (t *Trainer) finish() error {
	m := t.model
	m.pool.run(t.blocks(), t.reduceJob)
	var sum Losses
	for _, s := range t.sums {
		sum.Reconstruction += s.Reconstruction
		sum.KL += s.KL
	}
	total := sum.Reconstruction + sum.KL
	for _, s := range t.squares {
		total += s
	}
	if math.IsNaN(total) || math.IsInf(total, 0) {
		return ErrDiverged
	}
	t.opt.Begin()
	m.pool.run(t.blocks(), t.updateJob)
	m.Changed()

	n := float64(len(t.batch))
	t.running.Reconstruction += sum.Reconstruction
	t.running.KL += sum.KL
	seen := float64(t.step*t.config.Batch) + n
	t.step++
	t.progress = Progress{
		Epoch: t.epoch, Step: t.step, Steps: t.steps(), Images: len(t.batch),
		Batch:     Losses{Reconstruction: sum.Reconstruction / n, KL: sum.KL / n},
		Running:   Losses{Reconstruction: t.running.Reconstruction / seen, KL: t.running.KL / seen},
		EpochDone: t.step == t.steps(),
	}
	if t.progress.EpochDone {
		t.epoch++
		t.step = 0
		t.running = Losses{}
	}
	return nil
}

// block is how many parameters a job of the reduction and the update takes: small
// enough that all shards' parts of it fit in the first-level cache.
const block = 1 << 12

func (t *Trainer) blocks() int { return (t.model.Parameters() + block - 1) / block }

func (t *Trainer) blockBounds(b int) (lo, hi int) {
	return b * block, min((b+1)*block, t.model.Parameters())
}

// reduceBlock adds the shards' gradients into the first, pair by pair, pairs of
// pairs and so on: an order that belongs to the number of shards alone.
func (t *Trainer) reduceBlock(b int) {
	lo, hi := t.blockBounds(b)
	addTree(t.grads, t.group, lo, hi)
	g := t.grads[0].Flat[lo:hi]
	t.squares[b] = float64(kernel.Dot(g, g))
}

func (t *Trainer) updateBlock(b int) {
	lo, hi := t.blockBounds(b)
	t.opt.Update(t.model.params.Flat, t.grads[0].Flat, lo, hi)
}

// Validate returns the losses over a set with this run's objective, ε keyed by the
// seed, the number of epochs done and the image's index.
func (t *Trainer) Validate(set *data.Set) Losses { return t.ValidateRange(set, 0, set.Len()) }

// ValidateRange is Validate for images [lo, hi).
func (t *Trainer) ValidateRange(set *data.Set, lo, hi int) Losses {
	return t.model.evaluate(set, lo, hi, t.config.Objective, noise.New(t.config.Seed, noise.ValEps, uint32(t.epoch)))
}
