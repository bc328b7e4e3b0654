// Package torch carries models to and from PyTorch: a safetensors state dict in
// PyTorch's names and layouts, and the module that it belongs to.
package torch

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"vaelab/core"
	"vaelab/core/weights"
	"vaelab/tools/internal/foreign"
)

// Module is a Python file with the class VAE that loads what [Write] has written.
//
//go:embed vae_torch.py
var Module []byte

// ModuleName is what Module is called.
const ModuleName = "vae_torch.py"

// half is the side of the images between the convolutions and the dense layers.
const half = core.ImageSide / 2

// modules pairs this program's layers with PyTorch's.
var modules = []struct{ ours, torch string }{
	{"enc/conv1", "conv1"}, {"enc/conv2", "conv2"}, {"enc/conv3", "conv3"}, {"enc/conv4", "conv4"},
	{"enc/dense", "dense"}, {"enc/z_mean", "z_mean"}, {"enc/z_log_var", "z_log_var"},
	{"dec/dense", "dec_dense"}, {"dec/deconv", "deconv"}, {"dec/conv", "dec_conv"},
}

// Write returns the state dict as a safetensors file. Convolutions become [out in 3 3], the
// transposed one [in out 3 3], dense layers [out in], and the features between convolutions
// and dense layers are counted channel by channel, as PyTorch's flatten does.
func Write(m *core.Model, metadata map[string]string) ([]byte, error) {
	file := weights.File{Metadata: metadata}
	tensors := m.Tensors()
	channels := m.Config().Encoder[3]
	for i, l := range modules {
		kernel, bias := tensors[2*i], tensors[2*i+1]
		if kernel.Name != l.ours+"/kernel" || bias.Name != l.ours+"/bias" {
			return nil, errors.New("torch: the model's tensors come in another order than expected")
		}
		w, shape := toTorch(l.ours, kernel.Data, kernel.Shape, channels)
		b := bias.Data
		if l.ours == "dec/dense" {
			b, _ = foreign.Permute(b, []int{half, half, channels}, []int{2, 0, 1})
		}
		file.Tensors = append(file.Tensors,
			weights.Tensor{Name: l.torch + ".weight", Shape: shape, Data: w},
			weights.Tensor{Name: l.torch + ".bias", Shape: bias.Shape, Data: b})
	}
	return weights.Encode(&file)
}

func toTorch(layer string, data []float32, shape []int, channels int) ([]float32, []int) {
	switch layer {
	case "enc/dense": // [h w c hidden] → [hidden c h w]
		w, s := foreign.Permute(data, []int{half, half, channels, shape[1]}, []int{3, 2, 0, 1})
		return w, []int{s[0], half * half * channels}
	case "dec/dense": // [latent h w c] → [c h w latent]
		w, s := foreign.Permute(data, []int{shape[0], half, half, channels}, []int{3, 1, 2, 0})
		return w, []int{half * half * channels, s[3]}
	}
	if len(shape) == 4 {
		return foreign.Permute(data, shape, []int{3, 2, 0, 1})
	}
	return foreign.Permute(data, shape, []int{1, 0})
}

// Recognises reports whether a safetensors file holds a state dict: names with dots
// instead of this program's slashes.
func Recognises(f *weights.File) bool {
	for _, t := range f.Tensors {
		if strings.HasSuffix(t.Name, ".weight") {
			return true
		}
	}
	return false
}

// Read makes a model of a state dict.
func Read(f *weights.File) (*core.Model, error) {
	var tensors []foreign.Tensor
	for _, t := range f.Tensors {
		module, part, _ := strings.Cut(t.Name, ".")
		layer := ""
		for _, l := range modules {
			if l.torch == module {
				layer = l.ours
			}
		}
		if layer == "" || part != "weight" && part != "bias" {
			return nil, fmt.Errorf("%q does not belong to the module in %s (conv1.weight … dec_conv.bias): rename the state dict's keys as that file does", t.Name, ModuleName)
		}
		ours, err := fromTorch(layer, part, t)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, ours)
	}
	return foreign.Build(tensors)
}

// fromTorch undoes toTorch for one tensor.
func fromTorch(layer, part string, t weights.Tensor) (foreign.Tensor, error) {
	ours := foreign.Tensor{Name: layer + "/bias", Source: t.Name, Shape: t.Shape, Data: t.Data}
	const pixels = half * half
	wrong := func(want string) error {
		return fmt.Errorf("%q has shape %v, want %s", t.Name, t.Shape, want)
	}
	if part == "bias" {
		if layer == "dec/dense" {
			if len(t.Shape) != 1 || t.Shape[0] == 0 || t.Shape[0]%pixels != 0 {
				return ours, wrong("[channels·14·14]")
			}
			ours.Data, _ = foreign.Permute(t.Data, []int{t.Shape[0] / pixels, half, half}, []int{1, 2, 0})
		}
		return ours, nil
	}
	ours.Name = layer + "/kernel"
	switch {
	case layer == "enc/dense":
		if len(t.Shape) != 2 || t.Shape[1] == 0 || t.Shape[1]%pixels != 0 {
			return ours, wrong("[hidden channels·14·14]")
		}
		ours.Data, _ = foreign.Permute(t.Data, []int{t.Shape[0], t.Shape[1] / pixels, half, half}, []int{2, 3, 1, 0})
		ours.Shape = []int{t.Shape[1], t.Shape[0]}
	case layer == "dec/dense":
		if len(t.Shape) != 2 || t.Shape[0] == 0 || t.Shape[0]%pixels != 0 {
			return ours, wrong("[channels·14·14 latent]")
		}
		ours.Data, _ = foreign.Permute(t.Data, []int{t.Shape[0] / pixels, half, half, t.Shape[1]}, []int{3, 1, 2, 0})
		ours.Shape = []int{t.Shape[1], t.Shape[0]}
	case strings.Contains(layer, "conv"):
		if len(t.Shape) != 4 {
			return ours, wrong("[out in 3 3]")
		}
		ours.Data, ours.Shape = foreign.Permute(t.Data, t.Shape, []int{2, 3, 1, 0})
	default:
		if len(t.Shape) != 2 {
			return ours, wrong("[out in]")
		}
		ours.Data, ours.Shape = foreign.Permute(t.Data, t.Shape, []int{1, 0})
	}
	return ours, nil
}
