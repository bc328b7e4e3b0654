package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// idx builds a file: the magic number, the sizes, the body.
func idx(magic uint32, body []byte, dims ...uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, body...)
}

func pixels(n int) []byte {
	b := make([]byte, n*Pixels)
	for i := range b {
		b[i] = byte(i*7 + i/Pixels)
	}
	return b
}

func TestReadImages(t *testing.T) {
	for _, n := range []int{1, 2, 10, 3000} { // 3000 images outgrow the first buffer
		want := pixels(n)
		file := idx(0x803, want, uint32(n), 28, 28)
		for name, r := range map[string]io.Reader{
			"whole":    bytes.NewReader(file),
			"halves":   iotest.HalfReader(bytes.NewReader(file)),
			"data+EOF": iotest.DataErrReader(bytes.NewReader(file)),
		} {
			got, err := ReadImages(r, "train-images")
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d images, reader %s: %d bytes, error %v", n, name, len(got), err)
			}
		}
	}
}

func TestReadLabels(t *testing.T) {
	want := []byte{5, 0, 4, 1, 9, 255}
	got, err := ReadLabels(iotest.OneByteReader(bytes.NewReader(idx(0x801, want, 6))), "labels")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestBadFilesAreNamed(t *testing.T) {
	one := pixels(1)
	images := func(r io.Reader) error { _, err := ReadImages(r, "FILE"); return err }
	labels := func(r io.Reader) error { _, err := ReadLabels(r, "FILE"); return err }
	for _, c := range []struct {
		read func(io.Reader) error
		file []byte
		want string
	}{
		{images, nil, "ends in its header (0 of 16 bytes)"},
		{images, idx(0x803, nil, 1, 28)[:11], "ends in its header (11 of 16 bytes)"},
		{labels, []byte{0, 0}, "ends in its header (2 of 8 bytes)"},
		{images, idx(0x801, one, 1), "holds labels, are the two files swapped?"},
		{labels, idx(0x803, one, 1, 28, 28), "holds images, are the two files swapped?"},
		{images, idx(0x80d, one, 1, 28, 28), "starts with 0x0000080d, not with the magic number 0x00000803"},
		{labels, []byte("<!DOCTYPE html>"), "is it an MNIST file?"},
		{images, []byte{0x1f, 0x8b, 8, 0, 0, 0}, "is gzipped"},
		{labels, []byte{0x1f, 0x8b}, "is gzipped"},
		{images, idx(0x803, make([]byte, 1024), 1, 32, 32), "images are 32×32, this model takes 28×28"},
		{images, idx(0x803, one, 1, 28, 0), "images are 28×0"},
		{images, idx(0x803, one, 0, 28, 28), "no images"},
		{labels, idx(0x801, nil, 0), "no labels"},
		{images, idx(0x803, one[:783], 1, 28, 28), "ends after 0 of 1 images (783 of 784 bytes)"},
		{images, idx(0x803, one, 60000, 28, 28), "ends after 1 of 60000 images (784 of 47040000 bytes)"},
		{images, idx(0x803, one, 0xffffffff, 28, 28), "ends after 1 of 4294967295 images"},
		{labels, idx(0x801, one, 0xffffffff), "ends after 784 of 4294967295 labels"},
		{images, idx(0x803, append(one, 0), 1, 28, 28), "goes on after the 1 images"},
		{labels, idx(0x801, []byte{1, 2, 3}, 2), "goes on after the 2 labels"},
	} {
		err := c.read(bytes.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "data: FILE: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want a line with FILE and %q", err, c.want)
		}
	}
}

func TestReaderErrorsComeThrough(t *testing.T) {
	broken := errors.New("the disk is on fire")
	file := idx(0x803, pixels(2), 2, 28, 28)
	for _, n := range []int{0, 2, 10, 100, len(file)} {
		_, err := ReadImages(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)), "FILE")
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "FILE") || strings.Contains(err.Error(), "\n") {
			t.Errorf("broken after %d bytes: error %v, want one about FILE that wraps %v", n, err, broken)
		}
	}
}

// TestHugeHeaderAllocatesLittle: the header may promise 3 TB.
func TestHugeHeaderAllocatesLittle(t *testing.T) {
	file := idx(0x803, pixels(1), 0xffffffff, 28, 28)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadImages(bytes.NewReader(file), "FILE"); err == nil {
		t.Fatal("no error for a truncated file")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes were allocated for a file of %d", n, len(file))
	}
}

func TestNewSet(t *testing.T) {
	s, err := NewSet(pixels(3), []byte{1, 2, 3}, "images", "labels")
	if err != nil || s.Len() != 3 || s.Image(2)[1] != pixels(3)[2*Pixels+1] || len(s.Head(2).Labels) != 2 || s.Head(9).Len() != 3 {
		t.Errorf("set %+v, error %v", s, err)
	}
	if s, err := NewSet(pixels(1), nil, "images", ""); err != nil || s.Labels != nil {
		t.Errorf("without labels: %v", err)
	}
	for _, c := range []struct {
		images, labels []byte
		want           string
	}{
		{pixels(3), []byte{1, 2}, "train has 3 images but train-labels has 2 labels"},
		{pixels(1), []byte{}, "train has 1 images but train-labels has 0 labels"},
		{pixels(1)[:783], nil, "train: 783 bytes are not a whole number"},
		{nil, nil, "train: there are no images"},
	} {
		if _, err := NewSet(c.images, c.labels, "train", "train-labels"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// fuzzIDX checks that what is accepted is exactly what the header says.
func fuzzIDX(f *testing.F, magic uint32, header, size int, read func(io.Reader, string) ([]byte, error)) {
	f.Fuzz(func(t *testing.T, file []byte) {
		body, err := read(bytes.NewReader(file), "FILE")
		if err != nil {
			if body != nil || !strings.Contains(err.Error(), "FILE") {
				t.Errorf("%d bytes along with error %q", len(body), err)
			}
			return
		}
		n := int(binary.BigEndian.Uint32(file[4:]))
		if binary.BigEndian.Uint32(file) != magic || len(body) != n*size || !bytes.Equal(body, file[header:]) {
			t.Errorf("accepted %d bytes as a body of %d: header %x", len(file), len(body), file[:header])
		}
	})
}

func FuzzReadImages(f *testing.F) {
	f.Add(idx(0x803, pixels(2), 2, 28, 28))
	f.Add(idx(0x803, pixels(1), 0xffffffff, 28, 28))
	f.Add(idx(0x801, []byte{1}, 1))
	f.Add([]byte{0x1f, 0x8b})
	fuzzIDX(f, 0x803, 16, Pixels, ReadImages)
}

func FuzzReadLabels(f *testing.F) {
	f.Add(idx(0x801, []byte{1, 2, 255}, 3))
	f.Add(idx(0x801, nil, 0xffffffff))
	f.Add([]byte{0, 0, 8})
	fuzzIDX(f, 0x801, 8, 1, ReadLabels)
}
