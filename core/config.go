// Package core is the convolutional variational autoencoder of VAE Lab: the
// model, its training step and its checkpoints, without any operating system,
// network, clock or browser in it.
//
// A [Model] encodes images of 28×28 grey pixels to normal distributions over a small
// latent space and decodes points of that space to images. [NewModel] makes one with
// random weights, [LoadModel] reads one from a file; [Model.Encode], [Model.Decode]
// and [Model.SamplePrior] work on flat slices, n images or points at a time.
//
// A [Trainer] changes a model's weights so that its [Objective] falls:
//
//	trainer, err := core.NewTrainer(model, set, core.SeedPreset())
//	for err == nil && !trainer.Done() {
//		_, err = trainer.Step()
//	}
//
// [Trainer.Advance] does the same in slices, for a caller with one thread who has
// others to answer; a [Replica] computes a part of a step elsewhere. Whichever way, and
// with any number of threads, the same build gives the same bits, and so does a run that
// went through [Trainer.Checkpoint] and [Resume].
//
// All randomness is drawn from counter-based streams keyed by a seed (package noise).
// Files are bytes to be written and read by the caller, in the safetensors format
// (package weights). Images come as a Set of package data.
package core

import (
	"errors"
	"strconv"
)

// ImageSide is the height and width of every image, in pixels.
const ImageSide = 28

// ImagePixels is the number of values of one image: 28×28×1, row-major.
const ImagePixels = ImageSide * ImageSide

// Config is the architecture of a model. The zero value is invalid; start from
// [DefaultConfig], which is the book's listing (550,629 parameters).
type Config struct {
	Latent  int    // dimensions of z, 1 to 128
	Hidden  int    // units of the encoder's dense layer, 1 to 1024
	Encoder [4]int // channels of the encoder's four convolutions, 1 to 512 each
	Decoder int    // channels of the decoder's transposed convolution, 1 to 512
}

// DefaultConfig returns the architecture of the book's listing.
func DefaultConfig() Config {
	return Config{Latent: 2, Hidden: 32, Encoder: [4]int{32, 64, 64, 64}, Decoder: 32}
}

// Validate says which field is out of range, and what the range is.
func (c Config) Validate() error {
	check := func(name string, v, lo, hi int) error {
		if v < lo || v > hi {
			return errors.New("core: " + name + " is " + strconv.Itoa(v) + ", want " + strconv.Itoa(lo) + " to " + strconv.Itoa(hi))
		}
		return nil
	}
	if err := check("latent size", c.Latent, 1, 128); err != nil {
		return err
	}
	if err := check("hidden size", c.Hidden, 1, 1024); err != nil {
		return err
	}
	for i, ch := range c.Encoder {
		if err := check("encoder conv"+strconv.Itoa(i+1)+" channels", ch, 1, 512); err != nil {
			return err
		}
	}
	return check("decoder channels", c.Decoder, 1, 512)
}
