package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"vaelab/core/data"
	"vaelab/tools/internal/mnist"
)

// dataFlags choose the images.
type dataFlags struct {
	Data string `placeholder:"DIR" help:"Folder of four IDX files of 28×28 images named as MNIST's are, .gz or plain (default: MNIST, fetched where it is missing)."`
}

// dataset is a training and a test set, and a name for headers and logs that
// says nothing about this machine.
type dataset struct {
	train, test *data.Set
	name        string
}

// load reads both sets; it fetches MNIST where that is wanted and missing.
func (f dataFlags) load(ctx context.Context, news io.Writer) (dataset, error) {
	dir, name, err := f.locate(ctx, news)
	if err != nil {
		return dataset{}, err
	}
	train, test, err := mnist.Read(dir)
	return dataset{train, test, name}, err
}

// loadTest reads the test set only.
func (f dataFlags) loadTest(ctx context.Context, news io.Writer) (*data.Set, string, error) {
	dir, name, err := f.locate(ctx, news)
	if err != nil {
		return nil, "", err
	}
	test, err := mnist.ReadTest(dir)
	return test, name, err
}

func (f dataFlags) locate(ctx context.Context, news io.Writer) (dir, name string, err error) {
	if f.Data != "" {
		return f.Data, filepath.Base(filepath.Clean(f.Data)), nil
	}
	root, err := moduleRoot()
	if err != nil {
		root = "" // the download then is checked without this module's go.sum
	}
	show, end := downloadMeter(news)
	defer end()
	dir, err = mnist.Locate(ctx, root, show)
	return dir, "MNIST", err
}

// downloadMeter shows a download on news: in place on a terminal, otherwise in
// one line. end finishes the line.
func downloadMeter(news io.Writer) (show func(received int64), end func()) {
	const total = float64(mnist.Size) / 1e6
	terminal := isTerminal(news)
	shown := false
	show = func(received int64) {
		switch {
		case terminal:
			fmt.Fprintf(news, "\rdownloading MNIST: %.1f of %.1f MB ", float64(received)/1e6, total)
		case !shown:
			fmt.Fprintf(news, "downloading MNIST (%.1f MB, Go module %s)\n", total, mnist.Module)
		}
		shown = true
	}
	return show, func() {
		if shown && terminal {
			fmt.Fprintln(news)
		}
	}
}
