package keras

import (
	_ "embed"
	"strings"

	"vaelab/core"
	"vaelab/tools/internal/keras/h5"
)

// Module is a Python file that builds the model in Keras 3 and loads what [Write] has written.
//
//go:embed vae_keras.py
var Module []byte

// ModuleName is what Module is called.
const ModuleName = "vae_keras.py"

// placed says what a layer is called in the files.
type placed struct {
	name   string // here
	keras2 string // LAYER of Keras 2
	nested string // path below "layers" where the decoder is a model within the model, as in the book
	flat   string // the same where all layers are in one model
	split  string // path from the root where a model has the parts self.encoder and self.decoder
}

var places = []placed{
	{"enc/conv1", "conv2d_1", "conv2d", "conv2d", "encoder/layers/conv2d"},
	{"enc/conv2", "conv2d_2", "conv2d_1", "conv2d_1", "encoder/layers/conv2d_1"},
	{"enc/conv3", "conv2d_3", "conv2d_2", "conv2d_2", "encoder/layers/conv2d_2"},
	{"enc/conv4", "conv2d_4", "conv2d_3", "conv2d_3", "encoder/layers/conv2d_3"},
	{"enc/dense", "dense_1", "dense", "dense", "encoder/layers/dense"},
	{"enc/z_mean", "z_mean", "dense_1", "dense_1", "encoder/layers/dense_1"},
	{"enc/z_log_var", "z_log_var", "dense_2", "dense_2", "encoder/layers/dense_2"},
	{"dec/dense", "dense_2", "functional/layers/dense", "dense_3", "decoder/layers/dense"},
	{"dec/deconv", "conv2d_transpose_1", "functional/layers/conv2d_transpose", "conv2d_transpose", "decoder/layers/conv2d_transpose"},
	{"dec/conv", "conv2d_5", "functional/layers/conv2d", "conv2d_4", "decoder/layers/conv2d"},
}

// Write returns a .weights.h5 of Keras 3. Keras finds layers by their place in the model
// and does not mind others, so every layer stands, as links to the same data, at the places
// that it has in the three usual ways to put this model together: with the decoder as a model of
// its own within the VAE (the book's listing), in one piece, and as a class with self.encoder and self.decoder.
func Write(m *core.Model) ([]byte, error) {
	b := h5.NewBuilder()
	tensors := byName(m)
	for _, p := range places {
		labels := map[string]string{"enc/z_mean": "z_mean", "enc/z_log_var": "z_log_var"}
		home := "layers/" + p.nested
		for i, part := range []string{"kernel", "bias"} {
			t := tensors[p.name+"/"+part]
			b.Dataset(home+"/vars/"+[]string{"0", "1"}[i], t.Shape, t.Data)
		}
		if label := labels[p.name]; label != "" {
			b.Text(home+"/vars", "name", label)
		}
		if p.flat != p.nested {
			b.Link("layers/"+p.flat, home)
		}
		b.Link(p.split, home)
	}
	return b.Bytes()
}

// WriteKeras2 returns an .h5 as save_weights of Keras 2 writes it for the book's listing:
// the model's load_weights takes it, with the decoder as a model within the model.
func WriteKeras2(m *core.Model) ([]byte, error) {
	b := h5.NewBuilder()
	tensors := byName(m)
	const decoder = "model_1"
	// Every layer is listed, those without weights too: Keras matches the others in this order.
	layers := []string{"input_1", "conv2d_1", "conv2d_2", "conv2d_3", "conv2d_4", "flatten_1", "dense_1", "z_mean", "z_log_var", "lambda_1", decoder, "custom_variational_layer_1"}
	b.Texts("", "layer_names", layers)
	b.Text("", "backend", "tensorflow")
	b.Text("", "keras_version", "2.3.1")
	weightNames := map[string][]string{}
	for _, p := range places {
		layer := p.keras2
		if strings.HasPrefix(p.name, "dec/") {
			layer = decoder
		}
		for _, part := range []string{"kernel", "bias"} {
			t := tensors[p.name+"/"+part]
			name := p.keras2 + "/" + part + ":0"
			b.Dataset(layer+"/"+name, t.Shape, t.Data)
			weightNames[layer] = append(weightNames[layer], name)
		}
	}
	for _, layer := range layers {
		b.Texts(layer, "weight_names", weightNames[layer])
	}
	return b.Bytes()
}

func byName(m *core.Model) map[string]core.Tensor {
	tensors := map[string]core.Tensor{}
	for _, t := range m.Tensors() {
		tensors[t.Name] = t
	}
	return tensors
}
