package main

import (
	"context"
	"fmt"

	"vaelab/core"
)

// EvalCmd measures a model on the test set.
type EvalCmd struct {
	modelFlags
	dataFlags
	threadFlags
	Seed   uint64 `default:"1" help:"Seed of the noise ε (${default})."`
	Subset *int   `placeholder:"N" help:"Use the first N test images only."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// evaluation is what --json prints. The seed's loss is per pixel; everything
// else is in nats an image. elbo.elbo is what the objective minimises at β = 1,
// the negative of the evidence lower bound.
type evaluation struct {
	Seed struct {
		Loss           float64 `json:"loss"`
		Reconstruction float64 `json:"reconstruction"`
		KL             float64 `json:"kl"`
	} `json:"seed"`
	ELBO struct {
		Reconstruction float64 `json:"reconstruction"`
		KL             float64 `json:"kl"`
		ELBO           float64 `json:"elbo"`
	} `json:"elbo"`
	Model  string `json:"model"`
	Data   string `json:"data"`
	Images int    `json:"images"`
	Kernel string `json:"kernel"`
}

// Run evaluates under both objectives: they differ in how z is drawn.
func (c *EvalCmd) Run(ctx context.Context, s streams) error {
	threads, err := c.threads()
	if err != nil {
		return err
	}
	subset := 0
	if err := setInt(&subset, c.Subset, "--subset", 1, 1<<31); err != nil {
		return err
	}
	m, _, path, err := c.modelFlags.load()
	if err != nil {
		return err
	}
	test, name, err := c.loadTest(ctx, s.err)
	if err != nil {
		return err
	}
	if err := setInt(&subset, c.Subset, "--subset", 1, test.Len()); err != nil {
		return err
	}
	if c.Subset != nil {
		test = test.Head(subset)
	}
	m.SetThreads(threads)
	out := evaluation{Model: path, Data: name, Images: test.Len(), Kernel: core.Kernel()}
	latent := m.Config().Latent

	seed := core.SeedPreset().Objective
	l := m.Evaluate(test, seed, c.Seed)
	out.Seed.Loss, out.Seed.Reconstruction, out.Seed.KL = seed.Loss(l, latent), l.Reconstruction, l.KL

	elbo := core.ELBOPreset().Objective
	l = m.Evaluate(test, elbo, c.Seed)
	out.ELBO.Reconstruction, out.ELBO.KL, out.ELBO.ELBO = l.Reconstruction, l.KL, elbo.Loss(l, latent)

	if c.JSON {
		return printJSON(s.out, out)
	}
	_, err = fmt.Fprintf(s.out, `model      %s
data       %s, %s test images
seed       loss %.4f a pixel (reconstruction %.2f, KL %.2f nats)
elbo       %.2f nats (reconstruction %.2f, KL %.2f)
`, out.Model, out.Data, thousands(out.Images), out.Seed.Loss, out.Seed.Reconstruction, out.Seed.KL,
		out.ELBO.ELBO, out.ELBO.Reconstruction, out.ELBO.KL)
	return err
}
