// Package onnx writes and reads the model as ONNX files (opset 13): the encoder, the
// decoder, and the whole VAE with its noise ε as an input.
//
// There is no kept Go package of ONNX' messages, and this needs few of their fields, so they
// are written and read here on the wire format of protocol buffers. The messages:
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
package onnx

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// opset is the version of ONNX' operators, irVersion that of its messages.
const (
	opset     = 13
	irVersion = 7
)

// Element types of TensorProto.
const (
	typeFloat = 1
	typeInt64 = 7
)

// model is the part of a ModelProto that is used here.
type model struct {
	metadata map[string]string
	graph    graph
}

type graph struct {
	name            string
	nodes           []node
	tensors         []tensor // initialisers
	inputs, outputs []value
}

type node struct {
	op              string
	inputs, outputs []string
	ints            map[string][]int64 // attributes; one number is written as INT, a list as INTS
	scalars         map[string]bool    // which of them are INT
}

// tensor holds float32 or, where ints is not nil, int64.
type tensor struct {
	name  string
	shape []int
	data  []float32
	ints  []int64
}

// value is an input or output: float32, its first dimension the batch.
type value struct {
	name  string
	shape []int // without the batch
}

// Fields of the messages.
const (
	modelIR, modelProducer, modelVersion, modelDoc, modelGraph, modelOpset, modelMetadata = 1, 2, 3, 6, 7, 8, 14
	graphNode, graphName, graphTensor, graphInput, graphOutput                            = 1, 2, 5, 11, 12
	nodeInput, nodeOutput, nodeName, nodeOp, nodeAttribute, nodeDomain                    = 1, 2, 3, 4, 5, 7
	attributeName, attributeInt, attributeInts, attributeType                             = 1, 3, 8, 20
	tensorDims, tensorType, tensorFloats, tensorInts, tensorName, tensorRaw, tensorWhere  = 1, 2, 4, 7, 8, 9, 14
	valueName, valueType                                                                  = 1, 2
)

// message is the wire form of a message under construction.
type message []byte

func (m *message) number(field protowire.Number, v int64) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, b)
}

func (m *message) text(field protowire.Number, s string) { m.bytes(field, []byte(s)) }

// encode returns the file. The same model gives the same bytes.
func (m *model) encode(producerVersion, doc string) []byte {
	var out, version message
	out.number(modelIR, irVersion)
	out.text(modelProducer, "VAE Lab")
	out.text(modelVersion, producerVersion)
	out.text(modelDoc, doc)
	out.bytes(modelGraph, m.graph.encode())
	version.text(1, "") // the domain of ONNX itself
	version.number(2, opset)
	out.bytes(modelOpset, version)
	keys := make([]string, 0, len(m.metadata))
	for k := range m.metadata {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		var entry message
		entry.text(1, k)
		entry.text(2, m.metadata[k])
		out.bytes(modelMetadata, entry)
	}
	return out
}

func (g *graph) encode() message {
	var out message
	for i := range g.nodes {
		out.bytes(graphNode, g.nodes[i].encode())
	}
	out.text(graphName, g.name)
	for i := range g.tensors {
		out.bytes(graphTensor, g.tensors[i].encode())
	}
	for i := range g.inputs {
		out.bytes(graphInput, g.inputs[i].encode())
	}
	for i := range g.outputs {
		out.bytes(graphOutput, g.outputs[i].encode())
	}
	return out
}

func (n *node) encode() message {
	var out message
	for _, s := range n.inputs {
		out.text(nodeInput, s)
	}
	for _, s := range n.outputs {
		out.text(nodeOutput, s)
	}
	out.text(nodeName, n.outputs[0])
	out.text(nodeOp, n.op)
	names := make([]string, 0, len(n.ints))
	for name := range n.ints {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var a message
		const isInt, isInts = 2, 7
		a.text(attributeName, name)
		if n.scalars[name] {
			a.number(attributeInt, n.ints[name][0])
			a.number(attributeType, isInt)
		} else {
			for _, v := range n.ints[name] {
				a.number(attributeInts, v)
			}
			a.number(attributeType, isInts)
		}
		out.bytes(nodeAttribute, a)
	}
	return out
}

func (t *tensor) encode() message {
	var out message
	for _, d := range t.shape {
		out.number(tensorDims, int64(d))
	}
	var raw []byte
	if t.ints != nil {
		out.number(tensorType, typeInt64)
		for _, v := range t.ints {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
	} else {
		out.number(tensorType, typeFloat)
		raw = make([]byte, 0, 4*len(t.data))
		for _, v := range t.data {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
	}
	out.text(tensorName, t.name)
	out.bytes(tensorRaw, raw)
	return out
}

func (v *value) encode() message {
	var shape, batch, tensorType, kind, out message
	batch.text(2, "N")
	shape.bytes(1, batch)
	for _, d := range v.shape {
		var dim message
		dim.number(1, int64(d))
		shape.bytes(1, dim)
	}
	tensorType.number(1, typeFloat)
	tensorType.bytes(2, shape)
	kind.bytes(1, tensorType)
	out.text(valueName, v.name)
	out.bytes(valueType, kind)
	return out
}
