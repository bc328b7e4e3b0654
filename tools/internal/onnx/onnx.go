package onnx

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vaelab/core"
	"vaelab/core/nn"
	"vaelab/tools/internal/foreign"
)

// objectiveKey says in a file's metadata which rule of sampling the VAE has.
const objectiveKey = "objective"

// Write returns a part of m as an ONNX file. objective ("seed" or "elbo") decides how the
// VAE samples z; metadata goes into the file.
func Write(m *core.Model, part Part, objective string, metadata map[string]string) ([]byte, error) {
	if objective != nn.Seed && objective != nn.ELBO {
		return nil, fmt.Errorf("onnx: objective %q is unknown: want %q or %q", objective, nn.Seed, nn.ELBO)
	}
	var docs = map[Part]string{
		VAE:     "Variational autoencoder: images, z_mean, z_log_var and z from x [N 1 28 28] in [0, 1] and standard normal eps.",
		Encoder: "Encoder of a variational autoencoder: z_mean and z_log_var from x [N 1 28 28] in [0, 1].",
		Decoder: "Decoder of a variational autoencoder: images [N 1 28 28] in (0, 1) from latent points z.",
	}
	if docs[part] == "" {
		return nil, fmt.Errorf("onnx: part %q is unknown: want vae, encoder or decoder", part)
	}
	file := model{metadata: maps.Clone(metadata), graph: build(part, objective, m.Tensors())}
	if file.metadata == nil {
		file.metadata = map[string]string{}
	}
	file.metadata[objectiveKey] = objective
	return file.encode(core.Version, docs[part]), nil
}

// File is an ONNX file that was read.
type File struct {
	Part     Part
	Metadata map[string]string
	tensors  []foreign.Tensor
}

// Looks reports whether b starts as ONNX files do: a message with a small version in front.
func Looks(b []byte) bool {
	return len(b) > 4 && b[0] == modelIR<<3 && b[1] >= 3 && b[1] <= 20
}

// Read reads a file that [Write] has written, also where another program has saved
// it again. A graph that differs in any node is another model, and refused.
func Read(b []byte) (*File, error) {
	m, err := decodeModel(b)
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: m.metadata}
	if f.Part, err = partOf(&m.graph); err != nil {
		return nil, err
	}
	layout, err := layoutOf(&m.graph)
	if err != nil {
		return nil, err
	}
	objective := nn.Seed
	if slices.ContainsFunc(m.graph.tensors, func(t tensor) bool { return t.name == "sampling/half" }) {
		objective = nn.ELBO
	}
	want := build(f.Part, objective, layout)
	if err := sameGraph(&m.graph, &want); err != nil {
		return nil, err
	}
	for _, t := range m.graph.tensors {
		i := slices.IndexFunc(layout, func(l nn.Tensor) bool { return l.Name == t.name })
		if i < 0 {
			continue // a constant, which sameGraph has compared
		}
		channels := channelsOf(layout)
		data, shape := fromONNX(t.name, t.data, t.shape, channels)
		f.tensors = append(f.tensors, foreign.Tensor{Name: t.name, Source: t.name, Shape: shape, Data: data})
	}
	return f, nil
}

// Assemble makes a model of the whole VAE's file, or of the encoder's and the decoder's.
func Assemble(files ...*File) (*core.Model, error) {
	var tensors []foreign.Tensor
	parts := []string{}
	for _, f := range files {
		tensors = append(tensors, f.tensors...)
		parts = append(parts, string(f.Part))
	}
	slices.Sort(parts)
	switch strings.Join(parts, " ") {
	case "vae", "decoder encoder":
		return foreign.Build(tensors)
	case "encoder", "decoder":
		return nil, fmt.Errorf("this is the %s alone: name the whole VAE's file, or the encoder's and the decoder's together", parts[0])
	}
	return nil, fmt.Errorf("these files are %s: want the whole VAE's, or one encoder and one decoder", strings.Join(parts, ", "))
}

// partOf knows a part by its inputs.
func partOf(g *graph) (Part, error) {
	var names []string
	for _, v := range g.inputs {
		if !slices.ContainsFunc(g.tensors, func(t tensor) bool { return t.name == v.name }) {
			names = append(names, clip(v.name))
		}
	}
	switch strings.Join(names, " ") {
	case "x eps":
		return VAE, nil
	case "x":
		return Encoder, nil
	case "z":
		return Decoder, nil
	}
	return "", fmt.Errorf("this is another model: its inputs are %q, want x and eps, or x, or z, as \"tools export --format onnx\" writes", names)
}

// layoutOf reads the architecture off the tensors' shapes. Sizes of the part that
// is not in the file are 1.
func layoutOf(g *graph) ([]nn.Tensor, error) {
	config := core.Config{Latent: 1, Hidden: 1, Encoder: [4]int{1, 1, 1, 1}, Decoder: 1}
	size := func(to *int, name string, rank int) error {
		for _, t := range g.tensors {
			if t.name != name {
				continue
			}
			if len(t.shape) != rank || t.ints != nil {
				return fmt.Errorf("tensor %q has shape %v, want %d dimensions of float32: is it another model?", name, t.shape, rank)
			}
			*to = t.shape[0]
		}
		return nil
	}
	var channels int
	if err := size(&channels, "dec/dense/bias", 1); err != nil {
		return nil, err
	}
	if channels > 0 {
		config.Encoder[3] = channels / (half * half)
	}
	for _, s := range []struct {
		to   *int
		name string
		rank int
	}{
		{&config.Latent, "dec/dense/kernel", 2}, {&config.Latent, "enc/z_mean/bias", 1},
		{&config.Hidden, "enc/dense/bias", 1}, {&config.Decoder, "dec/deconv/bias", 1},
		{&config.Encoder[0], "enc/conv1/bias", 1}, {&config.Encoder[1], "enc/conv2/bias", 1},
		{&config.Encoder[2], "enc/conv3/bias", 1}, {&config.Encoder[3], "enc/conv4/bias", 1},
	} {
		if err := size(s.to, s.name, s.rank); err != nil {
			return nil, err
		}
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return nn.Layout(nn.Dims(config)), nil
}

func channelsOf(layout []nn.Tensor) int {
	for _, t := range layout {
		if t.Name == "enc/conv4/bias" {
			return t.Shape[0]
		}
	}
	return 0
}
