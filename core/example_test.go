package core_test

import (
	"fmt"

	"vaelab/core"
	"vaelab/core/data"
)

// circles is a set of n rings of different sizes: what stands in for digits here.
func circles(n int) *data.Set {
	set := &data.Set{Images: make([]byte, n*data.Pixels)}
	for i := range n {
		radius := 4 + i%8
		for y := range data.Side {
			for x := range data.Side {
				dx, dy := 2*x-27, 2*y-27
				if d := dx*dx + dy*dy; d < 4*radius*radius+40 && d > 4*radius*radius-40 {
					set.Image(i)[y*data.Side+x] = 255
				}
			}
		}
	}
	return set
}

// Training is a loop over steps; a step's progress says when an epoch ends.
func Example_train() {
	config := core.DefaultConfig()
	config.Encoder, config.Decoder = [4]int{8, 8, 8, 8}, 8 // small, for the example's sake
	model, err := core.NewModel(config, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	settings := core.ELBOPreset()
	settings.Batch, settings.Epochs = 8, 20
	set := circles(64)
	trainer, err := core.NewTrainer(model, set, settings)
	if err != nil {
		fmt.Println(err)
		return
	}
	var first, last float64
	for !trainer.Done() {
		progress, err := trainer.Step()
		if err != nil { // core.ErrDiverged: the model holds the last good weights
			fmt.Println(err)
			return
		}
		if progress.EpochDone {
			last = settings.Objective.Loss(progress.Running, config.Latent)
			if progress.Epoch == 0 {
				first = last
			}
		}
	}
	fmt.Println("the loss fell to less than half:", last < first/2)
	// Output: the loss fell to less than half: true
}

// Digits are decoded from points of the prior N(0, I).
func ExampleModel_SamplePrior() {
	model, err := core.NewModel(core.DefaultConfig(), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	z := make([]float32, 4*model.Config().Latent)
	model.SamplePrior(z, 7, 1)
	digits := make([]float32, 4*core.ImagePixels)
	model.Decode(digits, z)
	fmt.Println(len(digits)/core.ImagePixels, "images with probabilities in (0, 1)")
	// Output: 4 images with probabilities in (0, 1)
}

// Encoding gives the mean and the log-variance of each image's posterior.
func ExampleModel_Encode() {
	model, err := core.NewModel(core.DefaultConfig(), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	images := make([]float32, 3*core.ImagePixels)
	data.Scale(images, circles(3).Images) // bytes to [0, 1]
	mean, logVar := make([]float32, 3*2), make([]float32, 3*2)
	model.Encode(mean, logVar, images)
	fmt.Println(len(mean)/2, "points in the latent plane")
	// Output: 3 points in the latent plane
}

// A model's file is safetensors: SaveModel and LoadModel work on bytes, where they
// lie is the caller's business.
func ExampleSaveModel() {
	model, err := core.NewModel(core.DefaultConfig(), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := core.SaveModel(model, map[string]string{"note": "untrained"})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, meta, err := core.LoadModel(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.Parameters(), "parameters,", meta["note"])
	// Output: 550629 parameters, untrained
}

// A checkpoint holds the optimiser's state and the position as well: a run that goes
// on from it gets the bits of one that never stopped.
func ExampleResume() {
	config := core.Config{Latent: 2, Hidden: 8, Encoder: [4]int{4, 4, 4, 4}, Decoder: 4}
	model, err := core.NewModel(config, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	set := circles(64)
	settings := core.SeedPreset()
	settings.Epochs = 1
	trainer, err := core.NewTrainer(model, set, settings)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := trainer.Step(); err != nil {
		fmt.Println(err)
		return
	}
	file, err := trainer.Checkpoint(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	resumed, _, err := core.Resume(file, set)
	if err != nil {
		fmt.Println(err)
		return
	}
	progress, err := resumed.Step()
	fmt.Println("step", progress.Step, "of", progress.Steps, err)
	// Output: step 2 of 4 <nil>
}
