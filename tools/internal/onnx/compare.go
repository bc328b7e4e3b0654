package onnx

import (
	"fmt"
	"maps"
	"slices"
)

// sameGraph says where a graph differs from the one wanted: its nodes in their order, its
// tensors' names and shapes and its inputs and outputs. The weights' values are free.
func sameGraph(got, want *graph) error {
	for i, w := range want.nodes {
		if i >= len(got.nodes) {
			return fmt.Errorf("the graph ends after %d nodes, %s is missing: is it another model?", i, w.describe())
		}
		if g := got.nodes[i]; g.describe() != w.describe() {
			return fmt.Errorf("node %d is %s, want %s: is it another model?", i+1, clipTo(g.describe(), 300), w.describe())
		}
	}
	if n := len(want.nodes); len(got.nodes) > n {
		return fmt.Errorf("node %d, %s, is one too many: is it another model?", n+1, clip(got.nodes[n].describe()))
	}
	wanted := map[string]tensor{}
	for _, t := range want.tensors {
		wanted[t.name] = t
	}
	// Missing ones first: without them the sizes that the others should have are not known.
	for _, w := range want.tensors {
		if !slices.ContainsFunc(got.tensors, func(t tensor) bool { return t.name == w.name }) {
			return fmt.Errorf("tensor %q is missing: the file holds only part of the model", w.name)
		}
	}
	for _, t := range got.tensors {
		w, ok := wanted[t.name]
		switch {
		case !ok:
			return fmt.Errorf("tensor %q is unknown or doubled: is it another model?", clip(t.name))
		case !slices.Equal(t.shape, w.shape) || (t.ints == nil) != (w.ints == nil):
			return fmt.Errorf("tensor %q has shape %v, want %v of %s: is it another model?", t.name, t.shape, w.shape, kindOf(w))
		case !slices.Equal(t.ints, w.ints) || len(w.data) == 1 && w.data[0] == .5 && t.data[0] != .5:
			return fmt.Errorf("the constant %q has another value: is it another model?", t.name)
		}
		delete(wanted, t.name)
	}
	if g, w := describeValues(got.inputs, want), describeValues(want.inputs, want); g != w {
		return fmt.Errorf("the inputs are %s, want %s: is it another model?", clip(g), w)
	}
	if g, w := describeValues(got.outputs, want), describeValues(want.outputs, want); g != w {
		return fmt.Errorf("the outputs are %s, want %s: is it another model?", clip(g), w)
	}
	return nil
}

func kindOf(t tensor) string {
	if t.ints != nil {
		return "int64"
	}
	return "float32"
}

// describe writes a node as one line: Conv(x, w, b) → y, pads [1 1 1 1] …
func (n node) describe() string {
	s := fmt.Sprintf("%s%q → %q", n.op, n.inputs, n.outputs)
	for _, name := range slices.Sorted(maps.Keys(n.ints)) {
		s += fmt.Sprintf(", %s %v", name, n.ints[name])
	}
	return s
}

// describeValues leaves out tensors, which old exporters list as inputs too.
func describeValues(values []value, g *graph) string {
	s := ""
	for _, v := range values {
		if !slices.ContainsFunc(g.tensors, func(t tensor) bool { return t.name == v.name }) {
			s += fmt.Sprintf("%q [N%s] ", v.name, fmt.Sprintf("%v", v.shape)[1:])
		}
	}
	return s
}
