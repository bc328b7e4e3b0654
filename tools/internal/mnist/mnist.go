// Package mnist finds the MNIST digits, or any set of 28×28 images in the same
// four IDX files, and reads them.
package mnist

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"vaelab/core/data"
)

// The files of a set, without ".gz".
const (
	trainImages = "train-images-idx3-ubyte"
	trainLabels = "train-labels-idx1-ubyte"
	testImages  = "t10k-images-idx3-ubyte"
	testLabels  = "t10k-labels-idx1-ubyte"
)

// Read reads the training and the test set in dir: four IDX files named as
// MNIST's are, gzipped or not (that is told by their content; the name may end
// in ".gz" or not). Files of labels may be missing.
func Read(dir string) (train, test *data.Set, err error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, nil, fmt.Errorf("data folder %s: %w", dir, reason(err))
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("data folder %s: it is a file; name the folder that holds %s.gz and its like", dir, trainImages)
	}
	if train, err = readSet(dir, trainImages, trainLabels); err != nil {
		return nil, nil, err
	}
	if test, err = ReadTest(dir); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// ReadTest reads the test set in dir only; see [Read].
func ReadTest(dir string) (*data.Set, error) { return readSet(dir, testImages, testLabels) }

func readSet(dir, images, labels string) (*data.Set, error) {
	pixels, imagesPath, err := readFile(dir, images, data.ReadImages)
	if err != nil {
		return nil, err
	}
	classes, labelsPath, err := readFile(dir, labels, data.ReadLabels)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return data.NewSet(pixels, classes, imagesPath, labelsPath)
}

// readFile decodes the file of that name, with or without ".gz", and returns its
// path too.
func readFile(dir, name string, decode func(io.Reader, string) ([]byte, error)) ([]byte, string, error) {
	path := filepath.Join(dir, name)
	f, err := os.Open(path + ".gz")
	if err == nil {
		path += ".gz"
	} else if f, err = os.Open(path); errors.Is(err, fs.ErrNotExist) {
		return nil, path, fmt.Errorf("%s(.gz) is missing in %s: a data folder holds the four files that MNIST has (%w)", name, dir, fs.ErrNotExist)
	} else if err != nil {
		return nil, path, fmt.Errorf("%s: %w", path, reason(err))
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	if head, _ := r.Peek(2); len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		out, err := decode(r, path)
		return out, path, err
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, path, damaged(path, err)
	}
	watched := &errorWatcher{r: z}
	out, err := decode(watched, path)
	if err != nil && watched.err != nil {
		return nil, path, damaged(path, watched.err)
	}
	return out, path, err
}

// damaged says that the gzip stream is broken; what the IDX decoder makes of the
// bytes before the break is beside the point.
func damaged(path string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the gzip file is truncated: fetch it again", path)
	}
	return fmt.Errorf("%s: the gzip file is damaged (%w): fetch it again", path, err)
}

// errorWatcher remembers an error of r that is not the plain end.
type errorWatcher struct {
	r   io.Reader
	err error
}

func (w *errorWatcher) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// reason drops the operation and the path from a file error: the message has
// the path already.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
