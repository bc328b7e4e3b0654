// Package webserve serves the built page with the headers that it needs: cross-origin
// isolation for shared memory, a strict content policy, types that browsers compile
// WebAssembly from, and compressed bodies.
package webserve

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// policy lets the page load its own files and nothing else; only WebAssembly may
// be compiled at run time.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
	"img-src 'self' blob: data:; worker-src 'self'; connect-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Site is an http.Handler for a built page. It serves the files as they were when
// it was made, so a rebuild meanwhile never mixes two builds.
type Site struct {
	files map[string]*file // by URL path without the leading slash
	data  *dataFiles       // nil where the set is not served
}

// file is one resource and its encodings.
type file struct {
	name     string
	body     []byte
	etag     string // without quotes
	modified time.Time
	encoded  [len(encodings)]atomic.Pointer[[]byte] // nil until compressed, or where that does not pay
}

// Load reads the built page in dir. It fails, naming dir and the way out, where dir
// does not hold one.
func Load(dir string) (*Site, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, notBuilt(dir, "does not exist")
		}
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	defer root.Close()
	s := &Site{files: map[string]*file{}}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		body, err := root.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		s.files[name] = &file{name: name, body: body, etag: hex.EncodeToString(sum[:12]), modified: info.ModTime()}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if s.files["index.html"] == nil {
		return nil, notBuilt(dir, "has no index.html")
	}
	s.adoptSiblings()
	return s, nil
}

func notBuilt(dir, what string) error {
	return fmt.Errorf("%s %s: build the page first with make site, or name a built one with --dir", dir, what)
}

// ServeHTTP answers GET and HEAD.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if s.data != nil && s.data.serve(w, r, cleaned(r.URL.Path)) {
		return
	}
	if f := s.lookup(r.URL.Path); f != nil {
		f.serve(w, r)
		return
	}
	h.Set("Cache-Control", "no-cache")
	http.Error(w, "not found", http.StatusNotFound)
}

// lookup finds the file of a URL path; a folder's, with its slash, is its index.html.
// Paths go through a map of what Load found: none reaches the file system.
func (s *Site) lookup(url string) *file {
	if strings.HasSuffix(url, "/") {
		url += "index.html"
	}
	return s.files[cleaned(url)]
}

// cleaned returns a URL path without dots and without its leading slash.
func cleaned(url string) string { return strings.TrimPrefix(path.Clean("/"+url), "/") }

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", contentType(f.name))
	h.Set("Cache-Control", cacheControl(f.name))
	body, etag := f.body, f.etag
	if compressible(f.name) {
		h.Set("Vary", "Accept-Encoding")
		// A range counts bytes of the file itself, so it gets them uncompressed.
		if r.Header.Get("Range") == "" {
			if i, encoded := f.choose(r.Header.Get("Accept-Encoding")); encoded != nil {
				body, etag = encoded, etag+"-"+encodings[i].name
				h.Set("Content-Encoding", encodings[i].name)
				// ServeContent leaves the length of an encoded body to us.
				h.Set("Content-Length", strconv.Itoa(len(body)))
			}
		}
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", f.modified, bytes.NewReader(body))
}
