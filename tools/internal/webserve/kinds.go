package webserve

import (
	"path"
	"regexp"
	"strings"
)

// kind is what a file's extension says about it.
type kind struct {
	mime       string
	compresses bool
}

// kinds is complete for what the build makes; the machine's own table is left out
// of it because browsers refuse to stream WebAssembly of another type.
var kinds = map[string]kind{
	".html":        {"text/html; charset=utf-8", true},
	".js":          {"text/javascript; charset=utf-8", true},
	".mjs":         {"text/javascript; charset=utf-8", true},
	".css":         {"text/css; charset=utf-8", true},
	".json":        {"application/json", true},
	".map":         {"application/json", true},
	".webmanifest": {"application/manifest+json", true},
	".svg":         {"image/svg+xml", true},
	".txt":         {"text/plain; charset=utf-8", true},
	".csv":         {"text/csv; charset=utf-8", true},
	".wasm":        {"application/wasm", true},
	".ico":         {"image/x-icon", true},
	".png":         {"image/png", false},
	".jpg":         {"image/jpeg", false},
	".webp":        {"image/webp", false},
	".woff2":       {"font/woff2", false},
	".gz":          {"application/gzip", false},
	".safetensors": {"application/octet-stream", false}, // float noise: gzip gains 8 %
}

func contentType(name string) string {
	if k, ok := kinds[path.Ext(name)]; ok {
		return k.mime
	}
	return "application/octet-stream"
}

func compressible(name string) bool { return kinds[path.Ext(name)].compresses }

// hashedRE matches the names that the bundler gives: name-<8 characters of hash>.ext.
var hashedRE = regexp.MustCompile(`-[A-Za-z0-9_-]{8}\.[a-z0-9]+$`)

// cacheControl: a hashed name never changes its content; everything else, the page
// and its service worker first of all, is asked for again (and answered by ETag).
func cacheControl(name string) string {
	if strings.HasPrefix(name, "assets/") && hashedRE.MatchString(name) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
