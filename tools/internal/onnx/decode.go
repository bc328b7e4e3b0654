package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Limits for what is read; a file of ours has 24 nodes and 22 tensors.
const (
	maxItems = 1000 // nodes, tensors, inputs … of a graph; attributes of a node
	maxRank  = 8
)

var errDamaged = errors.New("this is not an ONNX file, or it is damaged or cut off")

// field is one field of a message: a number or bytes.
type field struct {
	id     protowire.Number
	kind   protowire.Type
	number uint64
	bytes  []byte
}

// fields calls do for every field of a message.
func fields(b []byte, do func(f field) error) error {
	for len(b) > 0 {
		id, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errDamaged
		}
		b = b[n:]
		f := field{id: id, kind: kind}
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		case protowire.Fixed32Type, protowire.Fixed64Type:
			n = protowire.ConsumeFieldValue(id, kind, b)
		default: // groups, which ONNX does not use
			return errDamaged
		}
		if n < 0 {
			return errDamaged
		}
		b = b[n:]
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

// integers appends a repeated integer, which may be packed or not.
func (f field) integers(to []int64) ([]int64, error) {
	if f.kind == protowire.VarintType {
		return append(to, int64(f.number)), nil
	}
	if f.kind != protowire.BytesType {
		return nil, errDamaged
	}
	for b := f.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, errDamaged
		}
		to, b = append(to, int64(v)), b[n:]
		if len(to) > maxItems {
			return nil, errDamaged
		}
	}
	return to, nil
}

func decodeModel(b []byte) (*model, error) {
	m := &model{metadata: map[string]string{}}
	graphs, version := 0, int64(-1)
	err := fields(b, func(f field) (err error) {
		switch f.id {
		case modelGraph:
			graphs++
			m.graph, err = decodeGraph(f.bytes)
		case modelOpset:
			domain, v := "", int64(0)
			err = fields(f.bytes, func(f field) error {
				switch f.id {
				case 1:
					domain = string(f.bytes)
				case 2:
					v = int64(f.number)
				}
				return nil
			})
			if domain == "" || domain == "ai.onnx" {
				version = v
			}
		case modelMetadata:
			var key, text string
			err = fields(f.bytes, func(f field) error {
				switch f.id {
				case 1:
					key = string(f.bytes)
				case 2:
					text = string(f.bytes)
				}
				return nil
			})
			if m.metadata[key] = text; len(m.metadata) > maxItems {
				return errDamaged
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if graphs != 1 {
		return nil, errDamaged
	}
	if version != opset {
		return nil, fmt.Errorf("the operators are of version %d, want opset %d, as \"tools export\" writes", version, opset)
	}
	return m, nil
}

func decodeGraph(b []byte) (g graph, err error) {
	err = fields(b, func(f field) (err error) {
		if len(g.nodes)+len(g.tensors)+len(g.inputs)+len(g.outputs) > maxItems {
			return fmt.Errorf("the graph has more than %d nodes and tensors: want a model that \"tools export\" has written", maxItems)
		}
		switch f.id {
		case graphNode:
			var n node
			n, err = decodeNode(f.bytes)
			g.nodes = append(g.nodes, n)
		case graphName:
			g.name = string(f.bytes)
		case graphTensor:
			var t tensor
			t, err = decodeTensor(f.bytes)
			g.tensors = append(g.tensors, t)
		case graphInput, graphOutput:
			var v value
			v, err = decodeValue(f.bytes)
			if f.id == graphInput {
				g.inputs = append(g.inputs, v)
			} else {
				g.outputs = append(g.outputs, v)
			}
		}
		return err
	})
	return g, err
}

func decodeNode(b []byte) (node, error) {
	n := node{ints: map[string][]int64{}, scalars: map[string]bool{}}
	items := 0
	err := fields(b, func(f field) (err error) {
		if items++; items > maxItems {
			return errDamaged
		}
		switch f.id {
		case nodeInput:
			n.inputs = append(n.inputs, string(f.bytes))
		case nodeOutput:
			n.outputs = append(n.outputs, string(f.bytes))
		case nodeOp:
			n.op = string(f.bytes)
		case nodeDomain:
			if d := string(f.bytes); d != "" && d != "ai.onnx" {
				return fmt.Errorf("a node is of the foreign domain %q: want ONNX' own operators", clip(d))
			}
		case nodeAttribute:
			err = n.attribute(f.bytes)
		}
		return err
	})
	return n, err
}

// attribute keeps integers; the other kinds, which this model does not use, are
// kept as an empty list so that a comparison finds them.
func (n *node) attribute(b []byte) error {
	name, list, scalar := "", []int64{}, false
	err := fields(b, func(f field) (err error) {
		switch f.id {
		case attributeName:
			name = string(f.bytes)
		case attributeInt:
			list, scalar = []int64{int64(f.number)}, true
		case attributeInts:
			list, err = f.integers(list)
			if len(list) > maxItems {
				return errDamaged
			}
		}
		return err
	})
	n.ints[name], n.scalars[name] = list, scalar
	return err
}

// decodeValue reads an input or output. Its first dimension must be named, since any
// number of images is taken.
func decodeValue(b []byte) (v value, err error) {
	first := true
	dim := func(f field) error {
		if f.id != 1 {
			return nil
		}
		size, named := int64(0), false
		err := fields(f.bytes, func(f field) error {
			switch f.id {
			case 1:
				size = int64(f.number)
			case 2:
				named = true
			}
			return nil
		})
		if first {
			first = false
			if !named && err == nil {
				err = fmt.Errorf("%q takes a fixed number of images, want any: is it another model?", clip(v.name))
			}
			return err
		}
		if len(v.shape) > maxRank || size < 0 || size > math.MaxInt32 {
			return errDamaged
		}
		v.shape = append(v.shape, int(size))
		return err
	}
	tensorKind := func(f field) error {
		switch {
		case f.id == 1 && f.number != typeFloat:
			return fmt.Errorf("%q is not of float32: is it another model?", clip(v.name))
		case f.id == 2:
			return fields(f.bytes, dim)
		}
		return nil
	}
	err = fields(b, func(f field) error {
		switch f.id {
		case valueName:
			v.name = string(f.bytes)
		case valueType:
			return fields(f.bytes, func(f field) error {
				if f.id == 1 {
					return fields(f.bytes, tensorKind)
				}
				return nil
			})
		}
		return nil
	})
	return v, err
}
