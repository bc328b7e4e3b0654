package core

import (
	"errors"
	"math"
	"strconv"

	"vaelab/core/nn"
)

// Optimizer is a rule and its constants; see package nn for the formulas. Zero
// constants take its WithDefaults.
type Optimizer = nn.OptimizerConfig

// TrainConfig is everything that decides the bits of a run, besides the data and
// the model's architecture.
type TrainConfig struct {
	Objective Objective
	Optimizer Optimizer
	Batch     int    // images per step, 1 to 1024
	Epochs    int    // 1 to 100,000
	Seed      uint64 // of shuffles and ε
	Shards    int    // parts that a batch is cut into, 1 to 64; 0 takes DefaultShards
}

// SeedPreset is the book's listing: its loss and sampling, Keras 2.0.8's RMSprop, batch 16, ten epochs.
func SeedPreset() TrainConfig {
	return TrainConfig{Objective: Objective{Name: nn.Seed, Beta: 1}, Optimizer: Optimizer{Name: nn.RMSprop}, Batch: 16, Epochs: 10, Seed: 1}.withDefaults()
}

// ELBOPreset is the statistically right objective with β = 1: Adam, batch 128, thirty epochs.
func ELBOPreset() TrainConfig {
	return TrainConfig{Objective: Objective{Name: nn.ELBO, Beta: 1}, Optimizer: Optimizer{Name: nn.Adam}, Batch: 128, Epochs: 30, Seed: 1}.withDefaults()
}

// DefaultShards is the number of shards for a batch: four images each while there
// are at most eight shards. It depends on the batch only, never on the machine.
func DefaultShards(batch int) int { return min(8, max(1, batch/4)) }

// withDefaults fills in the zero fields.
func (c TrainConfig) withDefaults() TrainConfig {
	c.Optimizer = c.Optimizer.WithDefaults()
	if c.Shards == 0 {
		c.Shards = DefaultShards(c.Batch)
	}
	return c
}

// Validate says which field is out of range, and what the range is.
func (c TrainConfig) Validate() error {
	c = c.withDefaults()
	o := c.Optimizer
	if c.Objective.Name != nn.Seed && c.Objective.Name != nn.ELBO {
		return errors.New(`core: objective is "` + c.Objective.Name + `", want "seed" or "elbo"`)
	}
	if o.Name != nn.RMSprop && o.Name != nn.RMSpropKeras && o.Name != nn.Adam {
		return errors.New(`core: optimizer is "` + o.Name + `", want "rmsprop", "rmsprop-keras3" or "adam"`)
	}
	for _, f := range []struct {
		name      string
		v, lo, hi int
	}{{"batch", c.Batch, 1, 1024}, {"epochs", c.Epochs, 1, 100000}, {"shards", c.Shards, 1, 64}} {
		if f.v < f.lo || f.v > f.hi {
			return errors.New("core: " + f.name + " is " + strconv.Itoa(f.v) + ", want " + strconv.Itoa(f.lo) + " to " + strconv.Itoa(f.hi))
		}
	}
	for _, f := range []struct {
		name   string
		v      float64
		lo, hi float64
	}{{"learning rate", o.LR, 1e-9, 10}, {"beta", c.Objective.Beta, 0, 1000}, {"rho", o.Rho, 0, 0.99999999}, {"beta1", o.Beta1, 0, 0.99999999}, {"beta2", o.Beta2, 0, 0.99999999}, {"epsilon", o.Epsilon, 0, 1}} {
		if math.IsNaN(f.v) || f.v < f.lo || f.v > f.hi {
			return errors.New("core: " + f.name + " is " + number(f.v) + ", want " + number(f.lo) + " to " + number(f.hi))
		}
	}
	return nil
}

// number writes a float so that reading it back gives the same bits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
