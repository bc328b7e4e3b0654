//go:build js && wasm

package main

import (
	"io"
	"syscall/js"

	"vaelab/core/data"
)

// Names of the files behind each set, for messages.
var fileNames = map[string][2]string{
	"train": {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
	"test":  {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
}

// setData takes a pair of decompressed IDX files. While a run uses the sets they
// cannot be exchanged.
func (e *engine) setData(q SetDataRequest) (SetDataAnswer, error) {
	names, known := fileNames[q.Set]
	if !known {
		return SetDataAnswer{}, unknownSet(q.Set)
	}
	if e.run != nil {
		return SetDataAnswer{}, stateError("a run is using the data: stop it first")
	}
	for i, v := range []js.Value{q.Images, q.Labels} {
		if v.Type() != js.TypeObject || !v.InstanceOf(uint8Array) {
			return SetDataAnswer{}, inputError(names[i] + " is not a Uint8Array")
		}
	}
	images, err := data.ReadImages(&arrayReader{array: q.Images}, names[0])
	if err != nil {
		return SetDataAnswer{}, badInput(err)
	}
	labels, err := data.ReadLabels(&arrayReader{array: q.Labels}, names[1])
	if err != nil {
		return SetDataAnswer{}, badInput(err)
	}
	set, err := data.NewSet(images, labels, names[0], names[1])
	if err != nil {
		return SetDataAnswer{}, badInput(err)
	}
	if q.Set == "train" {
		e.trainSet = set
	} else {
		e.testSet = set
	}
	return SetDataAnswer{Count: set.Len()}, nil
}

// images returns the images of the given indices, and their labels.
func (e *engine) images(q ImagesRequest) (ImagesAnswer, error) {
	set, err := e.set(q.Set)
	if err != nil {
		return ImagesAnswer{}, err
	}
	if _, err := whole("the number of images", float64(len(q.Indices)), 1, maxImages); err != nil {
		return ImagesAnswer{}, err
	}
	pixels := make([]byte, 0, len(q.Indices)*data.Pixels)
	labels := make([]byte, 0, len(q.Indices))
	for _, index := range q.Indices {
		i, err := whole("image index", index, 0, set.Len()-1)
		if err != nil {
			return ImagesAnswer{}, err
		}
		pixels = append(pixels, set.Image(i)...)
		labels = append(labels, set.Labels[i])
	}
	return ImagesAnswer{Pixels: bytesOut(pixels), Labels: bytesOut(labels)}, nil
}

// encodeSet encodes images [start, start+count) of a set.
func (e *engine) encodeSet(q EncodeSetRequest) (EncodeSetAnswer, error) {
	images, labels, err := e.part(PixelsRequest(q))
	if err != nil {
		return EncodeSetAnswer{}, err
	}
	p, err := e.posterior(images)
	if err != nil {
		return EncodeSetAnswer{}, err
	}
	return EncodeSetAnswer{Mean: p.Mean, LogVar: p.LogVar, Labels: bytesOut(labels)}, nil
}

// pixels returns images [start, start+count) of a set, for a replica to encode.
func (e *engine) pixels(q PixelsRequest) (ImagesAnswer, error) {
	images, labels, err := e.part(q)
	if err != nil {
		return ImagesAnswer{}, err
	}
	return ImagesAnswer{Pixels: bytesOut(images), Labels: bytesOut(labels)}, nil
}

func (e *engine) part(q PixelsRequest) (images, labels []byte, err error) {
	set, err := e.set(q.Set)
	if err != nil {
		return nil, nil, err
	}
	start, err := whole("start", q.Start, 0, set.Len()-1)
	if err != nil {
		return nil, nil, err
	}
	count, err := whole("count", q.Count, 1, min(set.Len()-start, maxImages))
	if err != nil {
		return nil, nil, err
	}
	return set.Images[start*data.Pixels : (start+count)*data.Pixels], set.Labels[start : start+count], nil
}

func (e *engine) set(name string) (*data.Set, error) {
	set := e.trainSet
	switch name {
	case "train":
	case "test":
		set = e.testSet
	default:
		return nil, unknownSet(name)
	}
	if set == nil {
		return nil, stateError("the digits are not loaded yet: load the data first")
	}
	return set, nil
}

func unknownSet(name string) error {
	return inputError(`the set is "` + name + `", want "train" or "test"`)
}

// arrayReader reads a Uint8Array without a copy of the whole.
type arrayReader struct {
	array js.Value
	next  int
}

func (r *arrayReader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	end := min(r.next+len(b), r.array.Length())
	if end == r.next {
		return 0, io.EOF
	}
	n := js.CopyBytesToGo(b, r.array.Call("subarray", r.next, end))
	r.next += n
	return n, nil
}
