package webserve

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// DataFiles are the four files of an MNIST-like set, served below /data/.
var DataFiles = [4]string{
	"train-images-idx3-ubyte.gz",
	"train-labels-idx1-ubyte.gz",
	"t10k-images-idx3-ubyte.gz",
	"t10k-labels-idx1-ubyte.gz",
}

// dataFiles serves them from a folder that may still be on its way.
type dataFiles struct {
	ready chan struct{} // closed once dir and err are set
	dir   string
	err   error

	packing sync.Mutex
	packed  map[string][]byte // plain files, gzipped on first use
}

// ServeData serves the set in the folder that find returns at /data/*.gz. find runs
// at once and in the background, for it may have to download; requests wait for it.
// Where it fails, they are answered by 503 and its error.
func (s *Site) ServeData(ctx context.Context, find func(context.Context) (dir string, err error)) {
	d := &dataFiles{ready: make(chan struct{}), packed: map[string][]byte{}}
	s.data = d
	go func() {
		defer close(d.ready)
		d.dir, d.err = find(ctx)
	}()
}

// CheckData reports, naming dir and the file, whether one of the four is missing
// (both with and without .gz).
func CheckData(dir string) error {
	for _, name := range DataFiles {
		if _, _, err := openData(dir, name); err != nil {
			return err
		}
	}
	return nil
}

// openData opens name in dir, or its uncompressed twin (then plain is true).
func openData(dir, name string) (f *os.File, plain bool, err error) {
	f, err = os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		unpacked := strings.TrimSuffix(name, ".gz")
		f, err = os.Open(filepath.Join(dir, unpacked))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, false, fmt.Errorf("%s holds neither %s nor %s: name a folder with the four IDX files", dir, name, unpacked)
		}
		return f, true, err
	}
	return f, false, err
}

// serve answers a request for one of the four files and returns true; false where
// name is none of them.
func (d *dataFiles) serve(w http.ResponseWriter, r *http.Request, name string) bool {
	known := false
	for _, f := range DataFiles {
		known = known || name == "data/"+f
	}
	if !known {
		return false
	}
	select {
	case <-d.ready:
	case <-r.Context().Done():
		return true
	}
	body, info, err := d.open(strings.TrimPrefix(name, "data/"))
	if err != nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return true
	}
	defer body.Close()
	// The page unpacks the file itself, so its bytes travel as they are: a
	// Content-Encoding would make the browser unpack them first.
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Cache-Control", "no-cache")
	// Another --data may hold older files, which a date alone would take for known ones.
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.Size(), info.ModTime().UnixNano()))
	http.ServeContent(w, r, "", info.ModTime(), body)
	return true
}

type body interface {
	io.ReadSeeker
	io.Closer
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// open returns the gzipped bytes of one of the four files, and what the file
// system says of it.
func (d *dataFiles) open(name string) (body, fs.FileInfo, error) {
	if d.err != nil {
		return nil, nil, d.err
	}
	f, plain, err := openData(d.dir, name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	if !plain {
		return f, info, nil
	}
	defer f.Close()
	packed, err := d.pack(name, f)
	if err != nil {
		return nil, nil, err
	}
	return memory{bytes.NewReader(packed)}, info, nil
}

// pack gzips a plain file, once.
func (d *dataFiles) pack(name string, f io.Reader) ([]byte, error) {
	d.packing.Lock()
	defer d.packing.Unlock()
	if d.packed[name] == nil {
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		if _, err := io.Copy(zip, f); err != nil {
			return nil, err
		}
		if err := zip.Close(); err != nil {
			return nil, err
		}
		d.packed[name] = b.Bytes()
	}
	return d.packed[name], nil
}
