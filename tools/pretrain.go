package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vaelab/core"
	"vaelab/core/data"
)

// PretrainCmd trains a model and writes it as safetensors.
type PretrainCmd struct {
	dataFlags
	Preset string `placeholder:"NAME" help:"Settings that the flags below change: seed, the book's listing (default), or elbo, the ELBO with β = 1, Adam and batch 128."`

	Epochs    *int     `placeholder:"N" help:"Times to go through the training set, 1 to 100,000."`
	Batch     *int     `placeholder:"N" help:"Images per step, 1 to 1,024."`
	LR        *float64 `name:"lr" placeholder:"X" help:"Learning rate, 1e-8 to 10 (0.001)."`
	Optimizer *string  `placeholder:"NAME" help:"rmsprop (Keras 2.0 to 2.10), rmsprop-keras3 (ε inside the root) or adam."`
	Epsilon   *float64 `placeholder:"X" help:"The optimizer's ε, 1e-30 to 1 (1e-8 for rmsprop as in the book's Keras 2.0.8, 1e-7 for the others)."`
	Beta      *float64 `placeholder:"X" help:"Weight of the KL term, 0 to 1,000 (preset elbo only)."`
	Seed      *uint64  `placeholder:"N" help:"Seed of initial weights, shuffles and noise (1)."`
	Subset    *int     `placeholder:"N" help:"Train on the first N images only."`
	Shards    *int     `placeholder:"N" help:"Parts that a batch is cut into, 1 to 64; part of what decides a run's bits (depends on the batch)."`
	configFlags
	threadFlags

	Out    string `placeholder:"FILE" help:"Model to write (out/mnist-2d.safetensors or after preset, data and latent size); a .checkpoint.safetensors beside it is written after every epoch."`
	Log    string `placeholder:"BASE" help:"Write the log to BASE.csv and BASE.json (beside the model)."`
	Resume string `placeholder:"FILE" help:"Go on from a checkpoint, to the same bits as if the run had not been stopped."`
	Force  bool   `help:"Overwrite files of other runs."`
	JSON   bool   `name:"json" help:"Print the log as JSON at the end; what else there is to say goes to stderr."`
}

// runName is how the model file is called where no --out is given.
func (c *PretrainCmd) runName(train core.TrainConfig, cfg core.Config, dataName string) string {
	name := strings.ToLower(dataName) + "-" + strconv.Itoa(cfg.Latent) + "d"
	if train.Objective.Name != core.SeedPreset().Objective.Name {
		name += "-" + train.Objective.Name
	}
	return name
}

// trainConfig is the preset with the flags applied.
func (c *PretrainCmd) trainConfig() (core.TrainConfig, error) {
	var t core.TrainConfig
	switch c.Preset {
	case "", "seed":
		t = core.SeedPreset()
		if c.Beta != nil {
			return t, usagef("--beta: the seed's objective has none, use it with --preset elbo")
		}
	case "elbo":
		t = core.ELBOPreset()
	default:
		return t, usagef("--preset: %q is none, want seed or elbo", c.Preset)
	}
	if err := setInt(&t.Epochs, c.Epochs, "--epochs", 1, 100_000); err != nil {
		return t, err
	}
	if c.Batch != nil {
		t.Shards = 0 // the default depends on the batch
	}
	if err := setInt(&t.Batch, c.Batch, "--batch", 1, 1024); err != nil {
		return t, err
	}
	if err := setInt(&t.Shards, c.Shards, "--shards", 1, 64); err != nil {
		return t, err
	}
	if t.Shards == 0 {
		t.Shards = core.DefaultShards(t.Batch)
	}
	if err := setFloat(&t.Optimizer.LR, c.LR, "--lr", 1e-8, 10); err != nil {
		return t, err
	}
	if err := setFloat(&t.Objective.Beta, c.Beta, "--beta", 0, 1000); err != nil {
		return t, err
	}
	if c.Optimizer != nil {
		switch *c.Optimizer {
		case "rmsprop", "rmsprop-keras3", "adam":
			t.Optimizer.Name = *c.Optimizer
			t.Optimizer.Epsilon = 0 // the default depends on the rule
		default:
			return t, usagef("--optimizer: %q is none, want rmsprop, rmsprop-keras3 or adam", *c.Optimizer)
		}
	}
	t.Optimizer = t.Optimizer.WithDefaults()
	if err := setFloat(&t.Optimizer.Epsilon, c.Epsilon, "--epsilon", 1e-30, 1); err != nil {
		return t, err
	}
	if c.Seed != nil {
		t.Seed = *c.Seed
	}
	return t, t.Validate()
}

// fixedByRun returns a flag that was given although a resumed run has the
// setting in its checkpoint, or "".
func (c *PretrainCmd) fixedByRun() string {
	if flag := c.configFlags.given(); flag != "" {
		return flag
	}
	return firstGiven(
		setFlag{"--preset", c.Preset != ""}, setFlag{"--batch", c.Batch != nil}, setFlag{"--lr", c.LR != nil},
		setFlag{"--optimizer", c.Optimizer != nil}, setFlag{"--epsilon", c.Epsilon != nil}, setFlag{"--beta", c.Beta != nil}, setFlag{"--seed", c.Seed != nil},
		setFlag{"--subset", c.Subset != nil}, setFlag{"--shards", c.Shards != nil})
}

// Run trains until all epochs are done, or until ctx ends or a signal arrives:
// then it writes a checkpoint and fails with exitInterrupted.
func (c *PretrainCmd) Run(ctx context.Context, s streams) error {
	say := s.out
	if c.JSON {
		say = s.err
	}
	r, err := c.prepare(ctx, s)
	if err != nil {
		return err
	}
	r.say, r.news = say, s.err
	r.header()
	if err := r.train(ctx); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, r.log)
	}
	return nil
}

// prepare does everything that may fail before the first step: flags, files to
// be written, data, model.
func (c *PretrainCmd) prepare(ctx context.Context, s streams) (*pretraining, error) {
	threads, err := c.threads()
	if err != nil {
		return nil, err
	}
	var r *pretraining
	if c.Resume != "" {
		r, err = c.resumed(ctx, s)
	} else {
		r, err = c.fresh(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	r.threads = threads
	r.trainer.Model().SetThreads(threads)
	r.describe()
	return r, nil
}

// fresh starts a run from new weights.
func (c *PretrainCmd) fresh(ctx context.Context, s streams) (*pretraining, error) {
	train, err := c.trainConfig()
	if err != nil {
		return nil, err
	}
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	if err := c.wantSubset(1 << 31); err != nil { // before the data are there
		return nil, err
	}
	set, err := c.load(ctx, s.err)
	if err != nil {
		return nil, err
	}
	if c.Subset != nil {
		if err := c.wantSubset(set.train.Len()); err != nil {
			return nil, err
		}
		set.train = set.train.Head(*c.Subset)
	}
	r := &pretraining{set: set, id: runID(cfg, train, set.train), out: c.outputs(c.runName(train, cfg, set.name))}
	if err := r.out.claim(r.id, c.Force, false); err != nil {
		return nil, err
	}
	m, err := core.NewModel(cfg, train.Seed)
	if err != nil {
		return nil, err
	}
	r.trainer, err = core.NewTrainer(m, set.train, train)
	return r, err
}

// resumed goes on with the run of a checkpoint.
func (c *PretrainCmd) resumed(ctx context.Context, s streams) (*pretraining, error) {
	if flag := c.fixedByRun(); flag != "" {
		return nil, usagef("%s: a resumed run keeps its settings; besides --resume only --epochs, --threads, --data, --out, --log, --force and --json may be given", flag)
	}
	epochs := 1
	if err := setInt(&epochs, c.Epochs, "--epochs", 1, 100_000); err != nil {
		return nil, err
	}
	b, err := readFile(c.Resume)
	if err != nil {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	_, metadata, err := core.LoadModel(b)
	if err != nil {
		return nil, fmt.Errorf("--resume: %s: %w", c.Resume, err)
	}
	set, err := c.load(ctx, s.err)
	if err != nil {
		return nil, err
	}
	if n, err := strconv.Atoi(metadata[metaImages]); err == nil && n < set.train.Len() {
		set.train = set.train.Head(n)
	}
	trainer, metadata, err := core.Resume(b, set.train)
	if err != nil {
		return nil, fmt.Errorf("--resume: %s: %w", c.Resume, err)
	}
	if c.Epochs != nil {
		if epochs < trainer.Epoch() {
			return nil, usagef("--epochs: %d are fewer than the %d that the checkpoint has done", epochs, trainer.Epoch())
		}
		if err := trainer.SetEpochs(epochs); err != nil {
			return nil, fmt.Errorf("--epochs: %w", err)
		}
	}
	r := &pretraining{set: set, trainer: trainer, resumedFrom: c.Resume}
	if err := r.restore(metadata); err != nil {
		return nil, fmt.Errorf("--resume: %s: %w", c.Resume, err)
	}
	r.id = runID(trainer.Model().Config(), trainer.Config(), set.train)
	name := c.runName(trainer.Config(), trainer.Model().Config(), set.name)
	if base, ok := strings.CutSuffix(c.Resume, checkpointSuffix); ok && c.Out == "" {
		c.Out = base + modelSuffix
	}
	r.out = c.outputs(name)
	return r, r.out.claim(r.id, c.Force, true)
}

// wantSubset checks --subset against the number of images.
func (c *PretrainCmd) wantSubset(images int) error {
	n := 1
	return setInt(&n, c.Subset, "--subset", 1, images)
}

// runID names a run: two runs of one ID pass through the same weights, and
// differ at most in how far they go.
func runID(cfg core.Config, train core.TrainConfig, set *data.Set) string {
	train.Epochs = 0
	text, err := json.Marshal([]any{cfg, train, set.Len(), strconv.FormatUint(data.Checksum(set), 16)})
	if err != nil {
		panic(err) // numbers and strings always have a JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
