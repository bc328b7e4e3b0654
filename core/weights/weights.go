// Package weights reads and writes models as safetensors: eight bytes with the
// length of a JSON header, the header, the raw little-endian data. The format
// holds no code and is cheap to validate; https://github.com/huggingface/safetensors
// describes it. Only float32 tensors are read and written.
package weights

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Tensor is a named array, row-major. An empty shape is a scalar.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// File is what a safetensors file holds.
type File struct {
	Tensors  []Tensor          // in the order of their data
	Metadata map[string]string // nil where there is none
}

// Tensor returns the tensor of that name, and whether there is one.
func (f *File) Tensor(name string) (Tensor, bool) {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t, true
		}
	}
	return Tensor{}, false
}

// Option changes what [Encode] and [Decode] accept.
type Option uint8

// AllowNonFinite lets NaN and infinities through, which are errors otherwise:
// a model that holds one decodes nothing but NaN.
const AllowNonFinite Option = 1

const (
	metadataKey = "__metadata__"
	maxHeader   = 100_000_000 // bytes: the limit of the reference implementation
	maxRank     = 16
)

// Encode returns f as a safetensors file. The same f gives the same bytes:
// tensors keep their order, metadata is sorted by key. It is an error if a name
// occurs twice, if a shape does not fit its data, if text is not UTF-8, or if a
// value is NaN or infinite (see [AllowNonFinite]).
func Encode(f *File, options ...Option) ([]byte, error) {
	if err := validate(f, slices.Contains(options, AllowNonFinite)); err != nil {
		return nil, err
	}
	header := []byte{'{'}
	if len(f.Metadata) > 0 {
		keys := make([]string, 0, len(f.Metadata))
		for k := range f.Metadata {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		header = append(appendString(header, metadataKey), ':', '{')
		for i, k := range keys {
			if i > 0 {
				header = append(header, ',')
			}
			header = append(appendString(header, k), ':')
			header = appendString(header, f.Metadata[k])
		}
		header = append(header, '}')
	}
	size := 0
	for _, t := range f.Tensors {
		if len(header) > 1 {
			header = append(header, ',')
		}
		header = append(appendString(header, t.Name), `:{"dtype":"F32","shape":[`...)
		for i, d := range t.Shape {
			if i > 0 {
				header = append(header, ',')
			}
			header = strconv.AppendInt(header, int64(d), 10)
		}
		header = append(header, `],"data_offsets":[`...)
		header = strconv.AppendInt(header, int64(size), 10)
		size += 4 * len(t.Data)
		header = append(header, ',')
		header = append(strconv.AppendInt(header, int64(size), 10), ']', '}')
	}
	header = append(header, '}')
	for len(header)%8 != 0 { // so that the data is aligned
		header = append(header, ' ')
	}
	if len(header) > maxHeader {
		return nil, errors.New("weights: the header would take " + strconv.Itoa(len(header)) + " bytes, safetensors allows " +
			strconv.Itoa(maxHeader) + ": shorten the metadata")
	}

	b := make([]byte, 0, 8+len(header)+size)
	for shift := 0; shift < 64; shift += 8 {
		b = append(b, byte(uint64(len(header))>>shift))
	}
	b = append(b, header...)
	for _, t := range f.Tensors {
		for _, v := range t.Data {
			u := math.Float32bits(v)
			b = append(b, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
		}
	}
	return b, nil
}

// validate says what in f could not be read back.
func validate(f *File, allowNonFinite bool) error {
	seen := make(map[string]bool, len(f.Tensors))
	for i, t := range f.Tensors {
		switch {
		case t.Name == "":
			return errors.New("weights: tensor number " + strconv.Itoa(i) + " has no name")
		case t.Name == metadataKey:
			return errors.New("weights: a tensor cannot be called " + metadataKey + ": safetensors keeps the name for itself")
		case !utf8.ValidString(t.Name):
			return errors.New("weights: tensor name " + quote(t.Name) + " is not valid UTF-8")
		case seen[t.Name]:
			return errors.New("weights: two tensors are called " + quote(t.Name))
		case len(t.Shape) > maxRank:
			return errors.New("weights: tensor " + quote(t.Name) + " has " + strconv.Itoa(len(t.Shape)) + " dimensions, at most " +
				strconv.Itoa(maxRank) + " are written")
		}
		seen[t.Name] = true
		if n, ok := elements(t.Shape); !ok || n != len(t.Data) {
			return errors.New("weights: tensor " + quote(t.Name) + " has " + strconv.Itoa(len(t.Data)) + " values, which do not fill its shape " +
				shapeString(t.Shape))
		}
		if !allowNonFinite {
			if err := checkFinite(t); err != nil {
				return errors.New("weights: " + err.Error() + ": not saved")
			}
		}
	}
	for k, v := range f.Metadata {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return errors.New("weights: metadata " + quote(k) + " is not valid UTF-8")
		}
	}
	return nil
}

// elements returns the number of elements of a shape; false where a dimension
// is negative or the number of bytes (of the dimensions that are not 0) overflows.
func elements(shape []int) (int, bool) {
	n, zero := uint64(1), false
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d == 0 {
			zero = true
			continue
		}
		if n > math.MaxInt64/4/uint64(d) {
			return 0, false
		}
		n *= uint64(d)
	}
	if zero {
		return 0, true
	}
	return int(n), true
}

func checkFinite(t Tensor) error {
	for i, v := range t.Data {
		if v-v != 0 { // NaN and ±Inf
			return errors.New("tensor " + quote(t.Name) + " holds " + strconv.FormatFloat(float64(v), 'g', -1, 32) + " at index " + strconv.Itoa(i))
		}
	}
	return nil
}

// quote makes any text safe to stand in a line of a message.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.Quote(s)
}

// shapeString writes a shape as Go prints a slice: [3 3 32 64].
func shapeString(shape []int) string {
	b := []byte{'['}
	for i, d := range shape {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, int64(d), 10)
	}
	return string(append(b, ']'))
}
