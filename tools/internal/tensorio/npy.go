// Package tensorio carries models between core and the world of NumPy:
// gorgonia's dense tensors, .npy files and .npz archives, in Keras' layouts.
package tensorio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gorgonia.org/tensor"
)

// magic starts every .npy file; the format's description is at
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
const magic = "\x93NUMPY"

// Limits for what is read: far above any model of this program, far below what
// exhausts a machine.
const (
	maxHeader   = 1 << 20
	maxDims     = 8
	maxElements = 1 << 28
)

// WriteNpy writes t, of float32, as an .npy file of version 1.0 in C order, also
// where t itself is a transposed view. Tensor's own writer leaves out the newline
// that ends the header, which stricter readers than NumPy's refuse.
func WriteNpy(w io.Writer, t *tensor.Dense) error {
	if t.Dtype() != tensor.Float32 {
		return fmt.Errorf("npy: dtype %v, want float32", t.Dtype())
	}
	shape := t.Shape()
	values, err := rowMajor(t)
	if err != nil {
		return err
	}
	const prefix = len(magic) + 2 + 2
	header := "{'descr': '<f4', 'fortran_order': False, 'shape': " + tuple(shape) + ", }"
	pad := 63 - (prefix+len(header))%64
	header += strings.Repeat(" ", pad) + "\n"
	out := make([]byte, 0, prefix+len(header)+4*len(values))
	out = append(out, magic...)
	out = append(out, 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	out = append(out, header...)
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	_, err = w.Write(out)
	return err
}

// rowMajor returns t's values in C order.
func rowMajor(t *tensor.Dense) ([]float32, error) {
	if !t.RequiresIterator() && t.DataOrder().IsRowMajor() {
		return t.Float32s(), nil
	}
	all := t.Float32s()
	values := make([]float32, 0, t.Shape().TotalSize())
	at := t.Iterator()
	for i, err := at.Next(); ; i, err = at.Next() {
		if err != nil {
			var done tensor.NoOpError
			if errors.As(err, &done) {
				return values, nil
			}
			return nil, fmt.Errorf("npy: %w", err)
		}
		values = append(values, all[i])
	}
}

// tuple writes a shape as Python does: (3,) and (3, 4).
func tuple(shape []int) string {
	var b strings.Builder
	for i, d := range shape {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(d))
	}
	if len(shape) == 1 {
		b.WriteString(",")
	}
	return "(" + b.String() + ")"
}

// ReadNpy reads an .npy file of versions 1 to 3 that holds little-endian float32 in
// C order, and nothing after it; name is the file's, for errors. It does not leave
// this to tensor's reader, which takes big-endian numbers for little-endian ones and
// allocates whatever a header asks for.
func ReadNpy(b []byte, name string) (*tensor.Dense, error) {
	fail := func(format string, args ...any) (*tensor.Dense, error) {
		return nil, fmt.Errorf("%s: "+format, append([]any{name}, args...)...)
	}
	header, data, err := split(b)
	if err != nil {
		return fail("%w", err)
	}
	shape, err := parseHeader(header)
	if err != nil {
		return fail("%w", err)
	}
	n := 1
	for _, d := range shape {
		n *= d // cannot overflow: parseHeader bounds the product
	}
	if len(data) < 4*n {
		return fail("truncated: shape %s needs %d bytes of data, there are %d", tuple(shape), 4*n, len(data))
	}
	if len(data) > 4*n {
		return fail("%d bytes follow the data of shape %s: write one array a file", len(data)-4*n, tuple(shape))
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	t, err := newDense(shape, values)
	if err != nil {
		return fail("%w", err)
	}
	return t, nil
}

// split cuts an .npy file into its header's text and its data.
func split(b []byte) (header string, data []byte, err error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		return "", nil, errors.New("not an .npy file (its first bytes are not \\x93NUMPY)")
	}
	rest := b[len(magic):]
	if len(rest) < 2 {
		return "", nil, errors.New("truncated: it ends in the header")
	}
	major, size := rest[0], 2
	switch major {
	case 1:
	case 2, 3:
		size = 4
	default:
		return "", nil, fmt.Errorf(".npy version %d, want 1 to 3: write it with numpy.save", major)
	}
	rest = rest[2:]
	if len(rest) < size {
		return "", nil, errors.New("truncated: it ends in the header")
	}
	var field [4]byte
	copy(field[:], rest[:size])
	n := binary.LittleEndian.Uint32(field[:])
	rest = rest[size:]
	if n > maxHeader {
		return "", nil, fmt.Errorf("a header of %d bytes, want at most %d: the file is damaged", n, maxHeader)
	}
	if uint64(len(rest)) < uint64(n) {
		return "", nil, errors.New("truncated: it ends in the header")
	}
	return string(rest[:n]), rest[n:], nil
}

// headerRE is the literal that numpy writes, with its keys in any order checked
// one by one below.
var (
	headerRE  = regexp.MustCompile(`^\{[^{}]*\}\s*$`)
	descrRE   = regexp.MustCompile(`['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))`)
	fortranRE = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	shapeRE   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([^()]*)\)`)
)

// parseHeader checks dtype and order and returns the shape.
func parseHeader(h string) ([]int, error) {
	descr, fortran, shape := descrRE.FindStringSubmatch(h), fortranRE.FindStringSubmatch(h), shapeRE.FindStringSubmatch(h)
	if !headerRE.MatchString(h) || descr == nil || fortran == nil || shape == nil {
		return nil, errors.New("its header is not one of numpy's: the file is damaged")
	}
	switch {
	case descr[2] != "":
		return nil, errors.New(`dtype is a record, want <f4 (float32): save one plain array a file`)
	case descr[1] != "<f4":
		return nil, fmt.Errorf(`dtype %s, want <f4 (little-endian float32): save it with a.astype("<f4")`, descr[1])
	case fortran[1] == "True":
		return nil, errors.New("it is in Fortran order, want C order: save it with numpy.ascontiguousarray(a)")
	}
	return parseShape(shape[1])
}

// parseShape reads the inside of a tuple of 1 to maxDims positive numbers.
func parseShape(text string) ([]int, error) {
	var shape []int
	total := 1
	text = strings.TrimSuffix(strings.TrimSpace(text), ",")
	if text == "" {
		return nil, errors.New("its shape is (), a single number: want an array of 1 to 8 dimensions")
	}
	for item := range strings.SplitSeq(text, ",") {
		d, err := strconv.Atoi(strings.TrimSpace(item))
		if err != nil || d < 1 || d > maxElements/total || len(shape) == maxDims {
			return nil, fmt.Errorf("shape (%s), want 1 to %d dimensions and 1 to %d elements in all", clip(text), maxDims, maxElements)
		}
		total *= d
		shape = append(shape, d)
	}
	return shape, nil
}

// clip keeps a message to one readable line.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
