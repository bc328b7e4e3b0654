package nn

import (
	"math"

	"vaelab/core/kernel"
)

// The names of the optimisers.
const (
	RMSprop      = "rmsprop"        // ε outside the root: Keras 2.0 to 2.10
	RMSpropKeras = "rmsprop-keras3" // ε inside the root: Keras 2.15 and 3
	Adam         = "adam"           // as in Keras
)

// OptimizerConfig is a rule and its constants.
type OptimizerConfig struct {
	Name         string
	LR           float64 // learning rate
	Rho          float64 // RMSprop: decay of the mean of squared gradients
	Beta1, Beta2 float64 // Adam: decays of the moments
	Epsilon      float64
}

// WithDefaults returns c with its zero constants replaced: lr 1e-3, rho .9, beta1 .9,
// beta2 .999 and epsilon 1e-7, but 1e-8 for RMSprop.
//
// The book's listing ran on Keras 2.0.8, whose RMSprop has ε = 1e-8; from 2.1 on it is
// 1e-7. The per-pixel loss makes gradients so small that this shows: 1e-7 slows the
// first epoch from a loss of .211, the book's, to .219.
func (c OptimizerConfig) WithDefaults() OptimizerConfig {
	epsilon := 1e-7
	if c.Name == RMSprop {
		epsilon = 1e-8
	}
	for _, f := range []struct {
		v *float64
		d float64
	}{{&c.LR, 1e-3}, {&c.Rho, 0.9}, {&c.Beta1, 0.9}, {&c.Beta2, 0.999}, {&c.Epsilon, epsilon}} {
		if *f.v == 0 {
			*f.v = f.d
		}
	}
	return c
}

// Optimizer is a rule with its state.
type Optimizer struct {
	Config  OptimizerConfig
	Moments [][]float32 // RMSprop: mean square; Adam: first and second moment. As long as Params.Flat
	Steps   int         // updates done

	lr float32 // of the update in progress
}

// NewOptimizer allocates zero state for n parameters.
func NewOptimizer(c OptimizerConfig, n int) *Optimizer {
	o := &Optimizer{Config: c}
	moments := 1
	if c.Name == Adam {
		moments = 2
	}
	for range moments {
		o.Moments = append(o.Moments, make([]float32, n+kernel.Slack)[:n])
	}
	return o
}

// Begin starts the next update; [Optimizer.Update] then does it, part by part.
func (o *Optimizer) Begin() {
	o.Steps++
	lr := o.Config.LR
	if o.Config.Name == Adam {
		t := float64(o.Steps)
		lr *= math.Sqrt(1-math.Pow(o.Config.Beta2, t)) / (1 - math.Pow(o.Config.Beta1, t))
	}
	o.lr = float32(lr)
}

// Update changes parameters lo … hi−1 of w by their gradients.
func (o *Optimizer) Update(w, g []float32, lo, hi int) {
	c := o.Config
	w, g = w[lo:hi], g[lo:hi]
	switch c.Name {
	case Adam:
		kernel.Adam(w, g, o.Moments[0][lo:hi], o.Moments[1][lo:hi], o.lr, float32(c.Beta1), float32(c.Beta2), float32(c.Epsilon))
	case RMSpropKeras:
		kernel.RMSprop(w, g, o.Moments[0][lo:hi], o.lr, float32(c.Rho), float32(c.Epsilon), 0)
	default:
		kernel.RMSprop(w, g, o.Moments[0][lo:hi], o.lr, float32(c.Rho), 0, float32(c.Epsilon))
	}
}
