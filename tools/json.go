package main

import (
	"encoding/json"
	"io"

	"vaelab/core"
)

// printJSON writes v to w, indented, ended by a newline.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// configJSON is a model's architecture as JSON, with the names of the page's
// protocol.
type configJSON struct {
	Latent  int    `json:"latent"`
	Hidden  int    `json:"hidden"`
	Encoder [4]int `json:"encoder"`
	Decoder int    `json:"decoder"`
}

func describeConfig(c core.Config) configJSON {
	return configJSON{c.Latent, c.Hidden, c.Encoder, c.Decoder}
}

// lossJSON is a mean over a set: loss in the objective's own unit, the others
// in nats an image.
type lossJSON struct {
	Loss           float64 `json:"loss"`
	Reconstruction float64 `json:"reconstruction"`
	KL             float64 `json:"kl"`
}

func describeLosses(o core.Objective, l core.Losses, latent int) lossJSON {
	return lossJSON{o.Loss(l, latent), l.Reconstruction, l.KL}
}
