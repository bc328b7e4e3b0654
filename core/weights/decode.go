package weights

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"
)

// Decode reads a safetensors file. name is the file's, for messages. The
// tensors' data is copied out of b. It is an error if the header is not exactly
// what the format asks for, if the tensors' data overlaps or leaves holes, if a
// tensor is not float32, or if a value is NaN or infinite (see [AllowNonFinite]).
func Decode(b []byte, name string, options ...Option) (*File, error) {
	f, err := decode(b, slices.Contains(options, AllowNonFinite))
	if err != nil {
		return nil, errors.New("weights: " + name + ": " + err.Error())
	}
	return f, nil
}

// entry is what the header says of one tensor.
type entry struct {
	name       string
	dtype      string
	shape      []int
	begin, end uint64 // bytes, from the header's end
}

func decode(b []byte, allowNonFinite bool) (*File, error) {
	if len(b) < 8 {
		return nil, errors.New("has " + strconv.Itoa(len(b)) + " bytes, too few for a safetensors file" + foreign(b))
	}
	var length uint64
	for i := range 8 {
		length |= uint64(b[i]) << (8 * i)
	}
	if length > maxHeader {
		return nil, errors.New("is not a safetensors file: its header would be " + strconv.FormatUint(length, 10) + " bytes long" + foreign(b))
	}
	if length > uint64(len(b)-8) {
		return nil, errors.New("ends inside its header (" + strconv.Itoa(len(b)) + " of at least " + strconv.FormatUint(8+length, 10) +
			" bytes): it is truncated or not a safetensors file" + foreign(b))
	}
	p := parser{b: b[8 : 8+length]}
	entries, metadata, err := p.header()
	if err != nil {
		return nil, err
	}
	if err := onlyFloat32(entries); err != nil {
		return nil, err
	}
	data := b[8+length:]
	if err := checkLayout(entries, uint64(len(data))); err != nil {
		return nil, err
	}

	f := &File{Metadata: metadata, Tensors: make([]Tensor, len(entries))}
	for i, e := range entries {
		t := Tensor{Name: e.name, Shape: e.shape, Data: make([]float32, (e.end-e.begin)/4)}
		raw := data[e.begin:e.end]
		for j := range t.Data {
			q := raw[4*j : 4*j+4 : 4*j+4]
			t.Data[j] = math.Float32frombits(uint32(q[0]) | uint32(q[1])<<8 | uint32(q[2])<<16 | uint32(q[3])<<24)
		}
		if !allowNonFinite {
			if err := checkFinite(t); err != nil {
				return nil, errors.New(err.Error() + ": the file is damaged, or its training diverged")
			}
		}
		f.Tensors[i] = t
	}
	return f, nil
}

// foreign recognises files of other programs by their first bytes.
func foreign(b []byte) string {
	for _, f := range [...]struct{ magic, what string }{
		{"PK\x03\x04", " (it is a zip, as .npz, .keras and PyTorch's .pt are: import it with its own reader)"},
		{"\x89HDF", " (it is HDF5, as Keras' .h5 is: import it with its own reader)"},
		{"\x93NUMPY", " (it is a .npy array: import it with its own reader)"},
		{"\x1f\x8b", " (it is gzipped: decompress it first)"},
		{"<", " (it looks like a web page: was there an error in the download?)"},
	} {
		if len(b) >= len(f.magic) && string(b[:len(f.magic)]) == f.magic {
			return f.what
		}
	}
	return ""
}

// onlyFloat32 names the tensors of other types.
func onlyFloat32(entries []entry) error {
	const most = 8
	list, others := "", 0
	for _, e := range entries {
		if e.dtype == "F32" {
			continue
		}
		if others++; others <= most {
			if others > 1 {
				list += ", "
			}
			list += quote(e.name) + " is " + quote(e.dtype)
		}
	}
	if others == 0 {
		return nil
	}
	if others > most {
		list += " and " + strconv.Itoa(others-most) + " more"
	}
	return errors.New("not all tensors are F32: " + list + ": convert the file to float32 first")
}

// checkLayout sorts entries by their place and wants them to fill the data,
// each with exactly the bytes of its shape, with no hole and no overlap.
func checkLayout(entries []entry, size uint64) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	u := func(v uint64) string { return strconv.FormatUint(v, 10) }
	at := uint64(0)
	for _, e := range entries {
		if e.end < e.begin {
			return errors.New("tensor " + quote(e.name) + " ends at byte " + u(e.end) + ", before its begin at " + u(e.begin))
		}
		n, ok := elements(e.shape)
		if !ok {
			return errors.New("tensor " + quote(e.name) + " has shape " + shapeString(e.shape) + ", which is larger than any memory")
		}
		if e.end-e.begin != 4*uint64(n) {
			return errors.New("tensor " + quote(e.name) + " of shape " + shapeString(e.shape) + " takes " + u(4*uint64(n)) +
				" bytes, but its offsets give it " + u(e.end-e.begin))
		}
		if e.begin != at {
			return errors.New("tensor " + quote(e.name) + " begins at byte " + u(e.begin) + " of the data, want " + u(at) +
				": tensors overlap or leave a hole")
		}
		at = e.end
	}
	if at > size {
		return errors.New("ends after " + u(size) + " of " + u(at) + " bytes of data: it is truncated, fetch it again")
	}
	if at < size {
		return errors.New("has " + u(size-at) + " bytes after the last tensor's data: it is damaged")
	}
	return nil
}
