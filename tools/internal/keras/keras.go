// Package keras reads and writes the weight files of Keras: .weights.h5 and .keras
// of Keras 3, and the .h5 of Keras 2 (and of tf.keras and Keras 3's legacy format).
// Kernels are in this program's layouts already: HWIO, HWOI for the transposed one, and [in out].
package keras

import (
	"errors"
	"fmt"
	"strings"

	"vaelab/core"
	"vaelab/tools/internal/foreign"
	"vaelab/tools/internal/keras/h5"
)

// layer is a layer of the file with a kernel and a bias.
type layer struct {
	path         string // in the file
	label        string // what its author called it, where the file says so
	kernel, bias *h5.Node
}

// parts are the layers in the model's order.
type parts struct {
	convs  []layer // enc/conv1 … enc/conv4, dec/conv
	denses []layer // enc/dense, the two heads, dec/dense
	deconv layer
}

// Read makes a model of an HDF5 weight file. Notes tell what was assumed where the file
// leaves something open.
func Read(b []byte) (m *core.Model, notes []string, err error) {
	root, err := h5.Read(b)
	if err != nil {
		return nil, nil, err
	}
	if config := root.Attributes["model_config"]; len(config) == 1 {
		if err := checkConfig([]byte(config[0])); err != nil {
			return nil, nil, err
		}
	}
	var p parts
	switch {
	case root.At("model_weights") != nil: // model.save of Keras 2
		p, err = keras2(root.At("model_weights"))
	case root.Attributes["layer_names"] != nil: // save_weights of Keras 2
		p, err = keras2(root)
	default:
		p, err = keras3(root)
	}
	if err != nil {
		return nil, nil, err
	}
	return p.build()
}

// heads puts z_mean before z_log_var where their names say that the model has
// them the other way round.
func (p *parts) heads() (note string) {
	mean, logVar := &p.denses[1], &p.denses[2]
	switch {
	case isLogVar(logVar.label) && !isLogVar(mean.label):
	case isLogVar(mean.label) && !isLogVar(logVar.label):
		*mean, *logVar = *logVar, *mean
	default:
		return fmt.Sprintf("the heads are taken in the model's order: %s is z_mean, %s is z_log_var", mean.path, logVar.path)
	}
	return ""
}

func isLogVar(label string) bool {
	label = strings.ToLower(label)
	return strings.Contains(label, "log") && strings.Contains(label, "var") || strings.Contains(label, "logsigma")
}

func (p *parts) build() (*core.Model, []string, error) {
	var notes []string
	if note := p.heads(); note != "" {
		notes = append(notes, note)
	}
	c, d := p.convs, p.denses
	order := []struct {
		name string
		layer
	}{
		{"enc/conv1", c[0]}, {"enc/conv2", c[1]}, {"enc/conv3", c[2]}, {"enc/conv4", c[3]},
		{"enc/dense", d[0]}, {"enc/z_mean", d[1]}, {"enc/z_log_var", d[2]},
		{"dec/dense", d[3]}, {"dec/deconv", p.deconv}, {"dec/conv", c[4]},
	}
	var tensors []foreign.Tensor
	for _, l := range order {
		for _, part := range []struct {
			name string
			node *h5.Node
		}{{"/kernel", l.kernel}, {"/bias", l.bias}} {
			values, err := part.node.Dataset.Float32()
			if err != nil {
				return nil, nil, err
			}
			tensors = append(tensors, foreign.Tensor{Name: l.name + part.name, Source: part.node.Path, Shape: part.node.Dataset.Shape, Data: values})
		}
	}
	m, err := foreign.Build(tensors)
	return m, notes, err
}

// errNoWeights is what a file without any layer says.
var errNoWeights = errors.New("no layer with weights is in this HDF5 file: want one that Keras' save_weights or save has written")

// wrongCount tells which layers there are instead of the ten wanted.
func wrongCount(convs, denses, deconvs int) error {
	return fmt.Errorf("the file has %d Conv2D, %d Dense and %d Conv2DTranspose layers with weights, want 5, 4 and 1: %s%s",
		convs, denses, deconvs, foreign.Architecture, partial(convs, denses, deconvs))
}

func partial(convs, denses, deconvs int) string {
	switch [3]int{convs, denses, deconvs} {
	case [3]int{4, 3, 0}:
		return " (this is the encoder alone: save the whole model)"
	case [3]int{1, 1, 1}:
		return " (this is the decoder alone: save the whole model)"
	}
	return ""
}
