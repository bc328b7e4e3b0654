package webserve

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

var (
	page   = strings.Repeat("<p>latent space</p>\n", 200)
	engine = "\x00asm\x01\x00\x00\x00" + strings.Repeat("\x20\x00\x6a", 2000)
)

// built writes a small built page and returns its folder.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{
		"index.html":               page,
		"sw.js":                    "self.skipWaiting();",
		"assets/index-DiwrgTda.js": strings.Repeat("draw();\n", 500),
		"engine/engine-simd.wasm":  engine,
		"weights.safetensors":      strings.Repeat("w", 5000),
		"about/index.html":         "<p>about</p>",
	} {
		write(t, filepath.Join(dir, name), body)
	}
	return dir
}

func write(t *testing.T, name, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, dir string) *Site {
	t.Helper()
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request sends a request with alternating header names and values to h.
func request(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHeaders(t *testing.T) {
	s := load(t, built(t))
	for _, target := range []string{"/", "/engine/engine-simd.wasm", "/missing", "/assets/index-DiwrgTda.js"} {
		h := request(s, "GET", target).Header()
		for name, want := range map[string]string{
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp",
			"Cross-Origin-Resource-Policy": "same-origin",
			"X-Content-Type-Options":       "nosniff",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "script-src 'self' 'wasm-unsafe-eval'") || strings.Contains(csp, "unsafe-inline") {
			t.Errorf("%s: Content-Security-Policy is %q", target, csp)
		}
	}
}

func TestTypesAndCaching(t *testing.T) {
	s := load(t, built(t))
	const immutable = "public, max-age=31536000, immutable"
	tests := []struct{ target, mime, cache string }{
		{"/", "text/html; charset=utf-8", "no-cache"},
		{"/about/", "text/html; charset=utf-8", "no-cache"},
		{"/sw.js", "text/javascript; charset=utf-8", "no-cache"},
		{"/engine/engine-simd.wasm", "application/wasm", "no-cache"},
		{"/assets/index-DiwrgTda.js", "text/javascript; charset=utf-8", immutable},
		{"/weights.safetensors", "application/octet-stream", "no-cache"},
	}
	for _, tt := range tests {
		w := request(s, "GET", tt.target)
		if w.Code != 200 || w.Header().Get("Content-Type") != tt.mime || w.Header().Get("Cache-Control") != tt.cache {
			t.Errorf("%s: %d %q %q, want 200 %q %q", tt.target, w.Code,
				w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), tt.mime, tt.cache)
		}
	}
}

func TestMethods(t *testing.T) {
	s := load(t, built(t))
	if w := request(s, "POST", "/"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	w := request(s, "HEAD", "/engine/engine-simd.wasm")
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "6008" {
		t.Errorf("HEAD: %d, %d bytes, Content-Length %q", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func TestTraversal(t *testing.T) {
	dir := built(t)
	write(t, filepath.Join(filepath.Dir(dir), "secret.txt"), "secret")
	if err := os.Symlink(filepath.Join(filepath.Dir(dir), "secret.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(load(t, dir))
	defer server.Close()
	for _, target := range []string{
		"/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt",
		"/..\\secret.txt", "/link.txt", "/data/../../secret.txt", "/etc/passwd", "/assets", "/about",
	} {
		r, err := http.NewRequest("GET", server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = target // as it is, without the client's cleaning
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 404 || bytes.Contains(body, []byte("secret")) {
			t.Errorf("%s: %d with %d bytes, want 404", target, res.StatusCode, len(body))
		}
	}
}

func TestEncodings(t *testing.T) {
	s := load(t, built(t))
	const wasm = "/engine/engine-simd.wasm"
	if got := request(s, "GET", wasm, "Accept-Encoding", "br, gzip").Header().Get("Content-Encoding"); got != "" {
		t.Errorf("before Compress: Content-Encoding %q, want none", got)
	}
	if err := s.Compress(context.Background()); err != nil {
		t.Fatal(err)
	}
	etags := map[string]bool{}
	for accept, want := range map[string]string{
		"":                      "",
		"identity":              "",
		"gzip":                  "gzip",
		"gzip, deflate, br":     "br",
		"br;q=0, gzip":          "gzip",
		"br;q=0.5, gzip;q=0.9":  "gzip",
		"*":                     "br",
		"*;q=0":                 "",
		"GZIP":                  "gzip",
		"gzip;q=0, br;q=0.000":  "",
		"gzip;q=nonsense, zstd": "",
	} {
		w := request(s, "GET", wasm, "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: Content-Encoding %q, want %q", accept, got, want)
			continue
		}
		if w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Content-Type") != "application/wasm" {
			t.Errorf("%q: headers %v", accept, w.Header())
		}
		if w.Header().Get("Content-Length") == "" {
			t.Errorf("%q: no Content-Length", accept)
		}
		etags[w.Header().Get("ETag")] = true
		if got := unpack(t, w.Body, want); got != engine {
			t.Errorf("%q: the body is not the engine (%d bytes)", accept, len(got))
		}
	}
	if len(etags) != 3 {
		t.Errorf("ETags %v, want one an encoding", etags)
	}
	// What gains nothing or hardly anything stays as it is.
	for _, target := range []string{"/sw.js", "/weights.safetensors"} {
		if got := request(s, "GET", target, "Accept-Encoding", "br, gzip").Header().Get("Content-Encoding"); got != "" {
			t.Errorf("%s: Content-Encoding %q, want none", target, got)
		}
	}
}

func unpack(t *testing.T, r io.Reader, encoding string) string {
	t.Helper()
	switch encoding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestConditionalAndRange(t *testing.T) {
	s := load(t, built(t))
	if err := s.Compress(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, accept := range []string{"", "br"} {
		etag := request(s, "GET", "/", "Accept-Encoding", accept).Header().Get("ETag")
		w := request(s, "GET", "/", "Accept-Encoding", accept, "If-None-Match", etag)
		if w.Code != 304 || w.Body.Len() != 0 {
			t.Errorf("accept %q: %d with %d bytes, want 304 with none", accept, w.Code, w.Body.Len())
		}
		if w := request(s, "GET", "/", "Accept-Encoding", accept, "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("accept %q, another ETag: %d, want 200", accept, w.Code)
		}
	}
	w := request(s, "GET", "/engine/engine-simd.wasm", "Accept-Encoding", "br", "Range", "bytes=1-3")
	if w.Code != 206 || w.Body.String() != "asm" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("range: %d %q %v", w.Code, w.Body, w.Header())
	}
	if w := request(s, "GET", "/", "Range", "bytes=999999-"); w.Code != 416 {
		t.Errorf("range beyond the end: %d, want 416", w.Code)
	}
}

func TestSiblings(t *testing.T) {
	dir := built(t)
	index := filepath.Join(dir, "index.html")
	write(t, index+".br", "fresh")
	write(t, index+".gz", "stale")
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(index+".gz", old, old); err != nil {
		t.Fatal(err)
	}
	s := load(t, dir)
	if got := request(s, "GET", "/", "Accept-Encoding", "br").Body.String(); got != "fresh" {
		t.Errorf("br: %q, want the sibling's body", got)
	}
	if got := request(s, "GET", "/", "Accept-Encoding", "gzip").Body.String(); got != page {
		t.Errorf("gzip: %q, want the page, for the sibling is older than it", got)
	}
	if err := s.Compress(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := request(s, "GET", "/", "Accept-Encoding", "br").Body.String(); got != "fresh" {
		t.Errorf("br after Compress: %q, want the sibling's body still", got)
	}
}

func TestSnapshot(t *testing.T) {
	dir := built(t)
	s := load(t, dir)
	write(t, filepath.Join(dir, "index.html"), "rebuilt")
	if got := request(s, "GET", "/").Body.String(); got != page {
		t.Errorf("got %q, want the page as it was at the start", got)
	}
}

func TestCompressStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := load(t, built(t)).Compress(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestNotBuilt(t *testing.T) {
	empty := t.TempDir()
	for _, dir := range []string{empty, filepath.Join(empty, "dist")} {
		_, err := Load(dir)
		if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "make site") {
			t.Errorf("Load(%s): %v, want an error that names it and make site", dir, err)
		}
	}
}
