package data

import (
	"errors"
	"io"
	"strconv"
)

// IDX magic numbers: two zero bytes, the element type (8: unsigned byte), the
// number of dimensions. http://yann.lecun.com/exdb/mnist/ describes the format.
const (
	magicLabels = 0x00000801
	magicImages = 0x00000803
)

// ReadImages decodes an IDX file of 28×28 grey images from r (plain, not
// gzipped) and returns their n×784 bytes. name is the file's, for messages.
func ReadImages(r io.Reader, name string) ([]byte, error) {
	dims, err := readHeader(r, name, "images", magicImages, 3)
	if err != nil {
		return nil, err
	}
	if dims[1] != Side || dims[2] != Side {
		return nil, fault(name, "images are "+size(dims[1], dims[2])+", this model takes "+size(Side, Side)+": resize them first")
	}
	return readBody(r, name, "images", uint64(dims[0]), Pixels)
}

// ReadLabels decodes an IDX file of labels from r (plain, not gzipped), one
// byte a label. name is the file's, for messages.
func ReadLabels(r io.Reader, name string) ([]byte, error) {
	dims, err := readHeader(r, name, "labels", magicLabels, 1)
	if err != nil {
		return nil, err
	}
	return readBody(r, name, "labels", uint64(dims[0]), 1)
}

// NewSet joins images and labels (nil where there are none) to a set. The names
// are the files', for messages.
func NewSet(images, labels []byte, imagesName, labelsName string) (*Set, error) {
	n := len(images) / Pixels
	if len(images)%Pixels != 0 {
		return nil, fault(imagesName, strconv.Itoa(len(images))+" bytes are not a whole number of 28×28 images")
	}
	if n == 0 {
		return nil, fault(imagesName, "there are no images in it")
	}
	if labels != nil && len(labels) != n {
		return nil, errors.New("data: " + imagesName + " has " + strconv.Itoa(n) + " images but " + labelsName + " has " +
			strconv.Itoa(len(labels)) + " labels: are they files of the same set?")
	}
	return &Set{Images: images, Labels: labels}, nil
}

// readHeader reads the magic number, checks it, and reads dims sizes.
func readHeader(r io.Reader, name, what string, magic uint32, dims int) (sizes [3]uint32, err error) {
	var buf [16]byte
	n, err := io.ReadFull(r, buf[:4])
	if n >= 2 && buf[0] == 0x1f && buf[1] == 0x8b {
		return sizes, fault(name, "is gzipped: decompress it first")
	}
	if err != nil {
		return sizes, ended(name, "in its header", uint64(n), uint64(4+4*dims), err)
	}
	if got := be32(buf[:4]); got != magic {
		msg := "starts with 0x" + hex(got) + ", not with the magic number 0x" + hex(magic) + " of IDX " + what
		switch got {
		case magicImages:
			msg += ": it holds images, are the two files swapped?"
		case magicLabels:
			msg += ": it holds labels, are the two files swapped?"
		default:
			msg += ": is it an MNIST file?"
		}
		return sizes, fault(name, msg)
	}
	if n, err := io.ReadFull(r, buf[4:4+4*dims]); err != nil {
		return sizes, ended(name, "in its header", uint64(4+n), uint64(4+4*dims), err)
	}
	for i := range dims {
		sizes[i] = be32(buf[4+4*i:])
	}
	return sizes, nil
}

// readBody reads exactly n elements of size bytes and wants the file to end
// there. The header's word is not trusted: the buffer grows with what arrives.
func readBody(r io.Reader, name, what string, n, size uint64) ([]byte, error) {
	want := n * size // n < 2³², size ≤ 784
	if n == 0 {
		return nil, fault(name, "its header says that there are no "+what+" in it")
	}
	const first = 1 << 20
	buf := make([]byte, 0, min(want, first))
	for uint64(len(buf)) < want {
		if len(buf) == cap(buf) {
			next := make([]byte, len(buf), min(want, 4*uint64(cap(buf))))
			copy(next, buf)
			buf = next
		}
		k, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+k]
		if err != nil && uint64(len(buf)) < want {
			return nil, ended(name, "after "+strconv.FormatUint(uint64(len(buf))/size, 10)+" of "+strconv.FormatUint(n, 10)+" "+what,
				uint64(len(buf)), want, err)
		}
	}
	var extra [1]byte
	switch _, err := io.ReadFull(r, extra[:]); err {
	case io.EOF:
		return buf, nil
	case nil:
		return nil, fault(name, "goes on after the "+strconv.FormatUint(n, 10)+" "+what+" that its header promises: it is damaged, fetch it again")
	default:
		return nil, &readError{name, err}
	}
}

// ended says that a file stopped too early, or why it could not be read.
func ended(name, where string, got, want uint64, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fault(name, "ends "+where+" ("+strconv.FormatUint(got, 10)+" of "+strconv.FormatUint(want, 10)+
			" bytes): it is truncated, fetch it again")
	}
	return &readError{name, err}
}

// readError is a failure of the reader itself; it unwraps to it.
type readError struct {
	name string
	err  error
}

func (e *readError) Error() string {
	return "data: " + e.name + ": could not be read: " + e.err.Error()
}
func (e *readError) Unwrap() error { return e.err }

func fault(name, msg string) error { return errors.New("data: " + name + ": " + msg) }

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func hex(v uint32) string {
	s := strconv.FormatUint(uint64(v), 16)
	return "00000000"[len(s):] + s
}

func size(h, w uint32) string {
	return strconv.FormatUint(uint64(h), 10) + "×" + strconv.FormatUint(uint64(w), 10)
}
