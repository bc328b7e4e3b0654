package webserve

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// set writes four files that stand for MNIST; they need not be valid to be served.
func set(t *testing.T, suffix string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range DataFiles {
		write(t, filepath.Join(dir, strings.TrimSuffix(name, ".gz")+suffix), "bytes of "+name)
	}
	return dir
}

func TestDataAsItIs(t *testing.T) {
	s := load(t, built(t))
	dir := set(t, ".gz")
	s.ServeData(context.Background(), func(context.Context) (string, error) { return dir, nil })
	if err := s.Compress(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range DataFiles {
		w := request(s, "GET", "/data/"+name, "Accept-Encoding", "gzip, br")
		if w.Code != 200 || w.Body.String() != "bytes of "+name {
			t.Errorf("%s: %d %q", name, w.Code, w.Body)
		}
		h := w.Header()
		if h.Get("Content-Type") != "application/gzip" || h.Get("Content-Encoding") != "" || h.Get("Content-Length") == "" {
			t.Errorf("%s: headers %v", name, h)
		}
		if w := request(s, "GET", "/data/"+name, "If-None-Match", h.Get("ETag")); w.Code != 304 {
			t.Errorf("%s: %d for its own ETag, want 304", name, w.Code)
		}
		if w := request(s, "GET", "/data/"+name, "Range", "bytes=0-4"); w.Code != 206 || w.Body.String() != "bytes" {
			t.Errorf("%s: range: %d %q", name, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/data/", "/data/other.gz", "/data/../" + DataFiles[0]} {
		if w := request(s, "GET", target); w.Code != 404 {
			t.Errorf("%s: %d, want 404", target, w.Code)
		}
	}
}

func TestPlainDataIsPacked(t *testing.T) {
	s := load(t, built(t))
	dir := set(t, "")
	s.ServeData(context.Background(), func(context.Context) (string, error) { return dir, nil })
	for range 2 {
		z, err := gzip.NewReader(request(s, "GET", "/data/"+DataFiles[2]).Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != "bytes of "+DataFiles[2] {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestDataWaitsAndFails(t *testing.T) {
	s := load(t, built(t))
	release := make(chan struct{})
	s.ServeData(context.Background(), func(context.Context) (string, error) {
		<-release
		return "", errors.New("no network")
	})
	// The page itself does not wait.
	if w := request(s, "GET", "/"); w.Code != 200 {
		t.Errorf("the page: %d, want 200", w.Code)
	}
	// Somebody who hangs up is not waited for.
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	r := httptest.NewRequest("GET", "/data/"+DataFiles[0], nil).WithContext(gone)
	s.ServeHTTP(httptest.NewRecorder(), r)

	close(release)
	w := request(s, "GET", "/data/"+DataFiles[0])
	if w.Code != 503 || !strings.Contains(w.Body.String(), "no network") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestCheckData(t *testing.T) {
	for _, suffix := range []string{"", ".gz"} {
		dir := set(t, suffix)
		if err := CheckData(dir); err != nil {
			t.Errorf("complete set with suffix %q: %v", suffix, err)
		}
		if err := os.Remove(filepath.Join(dir, strings.TrimSuffix(DataFiles[3], ".gz")+suffix)); err != nil {
			t.Fatal(err)
		}
		if err := CheckData(dir); err == nil || !strings.Contains(err.Error(), "t10k-labels") {
			t.Errorf("without test labels: %v, want an error that names the file", err)
		}
	}
}
