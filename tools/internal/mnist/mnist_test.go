package mnist

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// idx is an IDX file of unsigned bytes.
func idx(dims []uint32, body []byte) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, d)
	}
	return append(out, body...)
}

func images(n uint32) []byte {
	body := make([]byte, n*784)
	for i := range body {
		body[i] = byte(i * 31)
	}
	return idx([]uint32{n, 28, 28}, body)
}

func labels(n uint32) []byte { return idx([]uint32{n}, make([]byte, n)) }

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// folder writes files into a fresh folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// valid is a set of 5 and 3 images in all four ways to store a file.
func valid() map[string][]byte {
	return map[string][]byte{
		trainImages + ".gz": zipped(images(5)),
		trainLabels:         labels(5),
		testImages:          zipped(images(3)), // gzipped, whatever its name says
		testLabels + ".gz":  labels(3),         // plain, whatever its name says
	}
}

func TestReadTellsGzipByContent(t *testing.T) {
	train, test, err := Read(folder(t, valid()))
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 5 || len(train.Labels) != 5 || test.Len() != 3 || len(test.Labels) != 3 {
		t.Fatalf("read %d+%d and %d+%d", train.Len(), len(train.Labels), test.Len(), len(test.Labels))
	}
	if !bytes.Equal(train.Images, images(5)[16:]) {
		t.Fatal("the pixels are not those of the file")
	}
}

func TestLabelsMayBeMissing(t *testing.T) {
	files := valid()
	delete(files, trainLabels)
	delete(files, testLabels+".gz")
	train, test, err := Read(folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	if train.Labels != nil || test.Labels != nil {
		t.Fatal("labels from nowhere")
	}
}

func TestBadFiles(t *testing.T) {
	flipped := zipped(images(5))
	flipped[len(flipped)/2] ^= 0x40
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    []string
	}{
		"truncated gzip":        {trainImages + ".gz", zipped(images(5))[:60], []string{"truncated", "fetch it again"}},
		"gzip header only":      {trainImages + ".gz", []byte{0x1f, 0x8b, 8}, []string{"truncated", "fetch it again"}},
		"damaged gzip":          {trainImages + ".gz", flipped, []string{"damaged", "fetch it again"}},
		"truncated IDX":         {trainImages + ".gz", images(5)[:900], []string{"truncated"}},
		"truncated IDX in gzip": {trainImages + ".gz", zipped(images(5)[:900]), []string{"truncated"}},
		"empty":                 {trainImages + ".gz", nil, []string{"truncated"}},
		"wrong magic":           {trainImages + ".gz", []byte("<!DOCTYPE html><html></html>"), []string{"magic number"}},
		"swapped":               {trainImages + ".gz", labels(5), []string{"swapped"}},
		"another size":          {trainImages + ".gz", idx([]uint32{1, 32, 32}, make([]byte, 1024)), []string{"32×32", "28×28"}},
		"no images":             {trainImages + ".gz", idx([]uint32{0, 28, 28}, nil), []string{"no images"}},
		"more than promised":    {trainImages + ".gz", append(images(5), 0), []string{"goes on"}},
		"counts disagree":       {trainLabels, labels(4), []string{"5 images", "4 labels"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := valid()
			files[c.file] = c.content
			_, _, err := Read(folder(t, files))
			if err == nil {
				t.Fatal("read without an error")
			}
			for _, want := range append(c.want, c.file) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than one line", err)
			}
		})
	}
}

func TestBadFolders(t *testing.T) {
	files := valid()
	delete(files, testImages)
	file := filepath.Join(folder(t, valid()), trainLabels)
	for dir, want := range map[string]string{
		folder(t, files):                     testImages + "(.gz) is missing",
		filepath.Join(t.TempDir(), "nobody"): "no such file",
		file:                                 "it is a file",
	} {
		if _, _, err := Read(dir); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("Read(%s): %v, want %q and the folder's name", dir, err, want)
		}
	}
}

// TestLocate reads the real digits, from a folder outside any module.
func TestLocate(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	dir, err := Locate(context.Background(), root, nil)
	if err != nil {
		t.Fatal(err)
	}
	train, test, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 60_000 || test.Len() != 10_000 || train.Labels[0] != 5 || test.Labels[0] != 7 {
		t.Fatalf("%d and %d digits that begin with %d and %d", train.Len(), test.Len(), train.Labels[0], test.Labels[0])
	}
}

// TestModuleIsRequired: go.mod and the constant name the same version, so that
// go.sum holds for the download.
func TestModuleIsRequired(t *testing.T) {
	text, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), Module+" "+ModuleVersion) {
		t.Fatalf("go.mod does not require %s %s", Module, ModuleVersion)
	}
}

func TestVerifyFindsADamagedCache(t *testing.T) {
	files := map[string][]byte{}
	for name := range checksums {
		files[name] = []byte("damaged")
	}
	dir := folder(t, files)
	if err := verify(dir); err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "SHA-256") {
		t.Fatalf("verify: %v", err)
	}
	os.Remove(filepath.Join(dir, testImages+".gz"))
	if err := verify(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Fatalf("verify: %v", err)
	}
}

func TestDownloadWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("GOMODCACHE", t.TempDir())
	var calls int
	_, err := Locate(context.Background(), "", func(int64) { calls++ })
	if err == nil || !strings.Contains(err.Error(), "the go command is not on PATH") || !strings.Contains(err.Error(), "--data") {
		t.Fatalf("Locate: %v", err)
	}
	if calls == 0 {
		t.Fatal("no word of the download")
	}
}
