package keras

import (
	"encoding/json"
	"fmt"
)

// node is the part of a layer's JSON description that decides what it computes.
type node struct {
	Class  string `json:"class_name"`
	Config struct {
		Name       string          `json:"name"`
		Layers     []node          `json:"layers"`
		Strides    json.RawMessage `json:"strides"`
		Padding    string          `json:"padding"`
		DataFormat string          `json:"data_format"`
		Dilation   json.RawMessage `json:"dilation_rate"`
		Activation any             `json:"activation"`
		Groups     *int            `json:"groups"`
	} `json:"config"`
}

// checkConfig refuses a model whose weights would fit but which computes something else:
// another stride, padding, activation or order of axes. A description that lists no layers
// (a subclassed model) says nothing.
func checkConfig(text []byte) error {
	var root node
	if json.Unmarshal(text, &root) != nil {
		return nil // a dialect of another version: the weights are checked all the same
	}
	convs, denses := 0, 0
	return root.check(&convs, &denses)
}

func (n *node) check(convs, denses *int) error {
	for i := range n.Config.Layers {
		if err := n.Config.Layers[i].check(convs, denses); err != nil {
			return err
		}
	}
	c := &n.Config
	want := func(what string, got, want any) error {
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return nil
		}
		return fmt.Errorf("layer %q (%s) has %s %v, want %v: its weights would fit, but the model is another", c.Name, n.Class, what, got, want)
	}
	switch n.Class {
	case "BatchNormalization", "LayerNormalization", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "UpSampling2D", "ZeroPadding2D", "LeakyReLU", "PReLU", "ELU":
		return fmt.Errorf("layer %q is a %s: the model is another than the one wanted", c.Name, n.Class)
	case "Conv2D", "Conv2DTranspose":
		stride, activation := 1, "relu"
		if n.Class == "Conv2DTranspose" {
			stride = 2
		} else {
			if *convs == 1 {
				stride = 2
			}
			if *convs == 4 {
				activation = "sigmoid"
			}
			*convs++
		}
		if err := want("strides", pair(c.Strides), [2]int{stride, stride}); err != nil {
			return err
		}
		if err := want("padding", c.Padding, "same"); err != nil {
			return err
		}
		if err := want("data_format", c.DataFormat, "channels_last"); err != nil {
			return err
		}
		if c.Dilation != nil {
			if err := want("dilation_rate", pair(c.Dilation), [2]int{1, 1}); err != nil {
				return err
			}
		}
		if c.Groups != nil && *c.Groups != 1 {
			return want("groups", *c.Groups, 1)
		}
		if activation == "sigmoid" && c.Activation == "linear" {
			return nil // a decoder that returns logits
		}
		return want("activation", c.Activation, activation)
	case "Dense":
		*denses++
		activation := "relu"
		if *denses == 2 || *denses == 3 {
			activation = "linear"
		}
		return want("activation", c.Activation, activation)
	}
	return nil
}

// pair reads strides, which stand as [2, 2] or as 2.
func pair(text json.RawMessage) [2]int {
	var two [2]int
	if json.Unmarshal(text, &two) == nil {
		return two
	}
	var one int
	if json.Unmarshal(text, &one) == nil {
		return [2]int{one, one}
	}
	return two
}
