package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// typeNames are ONNX' element types that a message should name.
var typeNames = map[int64]string{
	1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool",
	10: "float16 (half precision)", 11: "float64 (double precision)", 16: "bfloat16 (half precision)",
}

func decodeTensor(b []byte) (tensor, error) {
	var t tensor
	var dims, ints []int64
	var raw, floats []byte
	kind := int64(0)
	hasRaw, external := false, false
	err := fields(b, func(f field) (err error) {
		switch f.id {
		case tensorDims:
			if dims, err = f.integers(dims); len(dims) > maxRank {
				return fmt.Errorf("a tensor has more than %d dimensions: want a model that \"tools export\" has written", maxRank)
			}
		case tensorType:
			kind = int64(f.number)
		case tensorName:
			t.name = string(f.bytes)
		case tensorRaw:
			raw, hasRaw = f.bytes, true
		case tensorFloats:
			if f.kind != protowire.BytesType {
				return errors.New("a tensor's values are not packed: want raw data, as every exporter writes")
			}
			floats = f.bytes
		case tensorInts:
			ints, err = f.integers(ints)
			if len(ints) > maxItems {
				return errDamaged
			}
		case tensorWhere:
			external = f.number != 0
		}
		return err
	})
	if err != nil {
		return t, err
	}
	if external {
		return t, fmt.Errorf("tensor %q keeps its values in another file: save the model with its values inside", clip(t.name))
	}
	count := uint64(1)
	t.shape = make([]int, len(dims))
	for i, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			return t, fmt.Errorf("tensor %q has a dimension of %d", clip(t.name), d)
		}
		t.shape[i] = int(d)
		if count *= uint64(d); count > math.MaxInt32 {
			return t, fmt.Errorf("tensor %q has more than 2 billion elements: no model here is that large", clip(t.name))
		}
	}
	wrongSize := func(have int) error {
		return fmt.Errorf("tensor %q has %d values, its shape %v wants %d: the file is damaged", clip(t.name), have, t.shape, count)
	}
	switch kind {
	case typeFloat:
		if !hasRaw {
			raw = floats
		}
		if uint64(len(raw)) != 4*count {
			return t, wrongSize(len(raw) / 4)
		}
		t.data = make([]float32, count)
		for i := range t.data {
			t.data[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	case typeInt64:
		for ; hasRaw && len(raw) >= 8 && len(ints) <= maxItems; raw = raw[8:] {
			ints = append(ints, int64(binary.LittleEndian.Uint64(raw)))
		}
		if uint64(len(ints)) != count || len(raw) > 0 && hasRaw {
			return t, wrongSize(len(ints))
		}
		t.ints = append([]int64{}, ints...)
	default:
		name, ok := typeNames[kind]
		if !ok {
			name = fmt.Sprintf("values of ONNX type %d", kind)
		}
		return t, fmt.Errorf("tensor %q holds %s: want float32", clip(t.name), name)
	}
	return t, nil
}

// clip keeps names out of files short enough for a line of a message.
func clip(s string) string { return clipTo(s, 120) }

func clipTo(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
