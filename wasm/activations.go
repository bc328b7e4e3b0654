//go:build js && wasm

package main

import (
	"slices"
	"strconv"

	"vaelab/core"
	"vaelab/core/data"
)

// activations tells what each layer makes of one image.
func (e *engine) activations(q ActivationsRequest) (ActivationsAnswer, error) {
	if e.model == nil {
		return ActivationsAnswer{}, errNoModel
	}
	pixels, err := bytesIn("pixels", q.Pixels)
	if err != nil {
		return ActivationsAnswer{}, err
	}
	if len(pixels) != data.Pixels {
		return ActivationsAnswer{}, inputError("pixels has " + strconv.Itoa(len(pixels)) + " bytes, want 784: one image")
	}
	eps, err := floatsIn("eps", q.Eps)
	if err != nil {
		return ActivationsAnswer{}, err
	}
	cfg := e.model.Config()
	if len(eps) != cfg.Latent {
		return ActivationsAnswer{}, inputError("eps has " + strconv.Itoa(len(eps)) + " values, want the latent size, " + strconv.Itoa(cfg.Latent))
	}
	if q.Objective != "seed" && q.Objective != "elbo" {
		return ActivationsAnswer{}, inputError(`the objective is "` + q.Objective + `", want seed or elbo`)
	}
	a, losses := e.model.Activations(pixels, eps, core.Objective{Name: q.Objective, Beta: 1})
	const side, half = core.ImageSide, core.ImageSide / 2
	var conv [4]FeatureMaps
	for i, s := range [4]int{side, half, half, half} {
		conv[i] = featureMaps(a.Conv[i], s, cfg.Encoder[i])
	}
	return ActivationsAnswer{
		Conv:           conv,
		Hidden:         floatsOut(a.Hidden),
		Mean:           floatsOut(a.Mean),
		LogVar:         floatsOut(a.LogVar),
		Z:              floatsOut(a.Z),
		DecoderIn:      featureMaps(a.DecoderIn, half, cfg.Encoder[3]),
		Deconv:         featureMaps(a.Deconv, side, cfg.Decoder),
		Probability:    floatsOut(a.Probability),
		Reconstruction: losses.Reconstruction,
		KL:             losses.KL,
	}, nil
}

// featureMaps rounds a layer's outputs, which are not negative, to bytes.
func featureMaps(x []float32, side, channels int) FeatureMaps {
	peak := slices.Max(x)
	values := make([]byte, len(x))
	if peak > 0 {
		for i, v := range x {
			values[i] = byte(v/peak*255 + .5)
		}
	}
	return FeatureMaps{Values: bytesOut(values), Side: side, Channels: channels, Peak: float64(peak)}
}
