package keras

import (
	"errors"
	"fmt"
	"strings"

	"vaelab/tools/internal/keras/h5"
)

// keras2 finds the layers of a Keras 2 file, in the order of its attributes
// layer_names and weight_names. A model within the model is one layer there, whose
// weight_names go on.
func keras2(root *h5.Node) (parts, error) {
	names := root.Attributes["layer_names"]
	if names == nil {
		return parts{}, fmt.Errorf("group %q has no attribute layer_names: want a file that Keras has written", root.Path)
	}
	if b := root.Attributes["backend"]; len(b) == 1 && b[0] == "theano" {
		return parts{}, errors.New("the file was written by Keras on Theano, which stores convolutions mirrored: load and save it again on TensorFlow")
	}
	var layers []layer
	for _, name := range names {
		group := root.At(name)
		if group == nil || group.Dataset != nil {
			return parts{}, fmt.Errorf("layer %q, which layer_names lists, is missing", name)
		}
		inside, err := keras2Layer(group)
		if err != nil {
			return parts{}, err
		}
		layers = append(layers, inside...)
	}
	if listed := len(names); len(root.Children) > listed {
		for _, c := range root.Children {
			if !contains(names, c.Name) && c.Name != "top_level_model_weights" && c.Name != "optimizer_weights" {
				return parts{}, fmt.Errorf("%q is not listed in layer_names: the file is damaged or not Keras'", c.Path)
			}
		}
	}
	return byRank(layers)
}

// keras2Layer pairs the kernels and biases of one layer, or of a model within the model.
func keras2Layer(group *h5.Node) ([]layer, error) {
	names := group.Attributes["weight_names"]
	if names == nil && len(group.Children) > 0 {
		return nil, fmt.Errorf("layer %q has no attribute weight_names: the file is damaged or not Keras'", group.Path)
	}
	if len(names)%2 != 0 {
		return nil, fmt.Errorf("layer %q has %d weights, want a kernel and a bias for each layer", group.Path, len(names))
	}
	var layers []layer
	for i := 0; i < len(names); i += 2 {
		l := layer{label: parent(names[i])}
		for at, want := range []string{"kernel", "bias"} {
			name := names[i+at]
			last, _, _ := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
			node := group.At(name)
			switch {
			case last != want:
				return nil, fmt.Errorf("layer %q has a weight %q where a %s should stand: want Conv2D, Dense and Conv2DTranspose layers only", group.Path, name, want)
			case node == nil || node.Dataset == nil:
				return nil, fmt.Errorf("weight %q of layer %q, which weight_names lists, is missing", name, group.Path)
			case parent(name) != l.label:
				return nil, fmt.Errorf("layer %q: %q and %q are of different layers, want a kernel and its bias", group.Path, names[i], name)
			case at == 0:
				l.kernel = node
			default:
				l.bias = node
			}
		}
		l.path = parent(l.kernel.Path)
		if l.label == "" {
			l.label = group.Name
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// byRank sorts layers in the model's order into convolutions and dense layers. The transposed
// convolution is known by its place, the fifth of six, and by its class's name where it kept it.
func byRank(layers []layer) (p parts, err error) {
	if len(layers) == 0 {
		return p, errNoWeights
	}
	var four []layer
	deconvs := 0
	for _, l := range layers {
		switch rank := len(l.kernel.Dataset.Shape); rank {
		case 2:
			p.denses = append(p.denses, l)
		case 4:
			if four = append(four, l); strings.Contains(l.label, "transpose") {
				deconvs++
			}
		default:
			return p, fmt.Errorf("kernel %q has %d dimensions: want Conv2D, Dense and Conv2DTranspose layers only", l.kernel.Path, rank)
		}
	}
	if len(four) != 6 || len(p.denses) != 4 {
		deconvs = max(deconvs, len(four)/6)
		return p, wrongCount(len(four)-deconvs, len(p.denses), deconvs)
	}
	at := 4
	for i, l := range four {
		if strings.Contains(l.label, "transpose") {
			at = i
		}
	}
	if at != 4 {
		return p, fmt.Errorf("layer %q is the transposed convolution but comes as convolution %d, want the fifth of six", four[at].path, at+1)
	}
	p.deconv = four[4]
	p.convs = append(append(p.convs, four[:4]...), four[5])
	return p, nil
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name || strings.HasPrefix(n, name+"/") {
			return true
		}
	}
	return false
}
