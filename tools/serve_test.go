package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vaelab/tools/internal/webserve"
)

// servedSite writes a minimal page and data folder.
func servedSite(t *testing.T) (site, data string) {
	t.Helper()
	site, data = t.TempDir(), t.TempDir()
	files := map[string]string{filepath.Join(site, "index.html"): "<p>hello</p>"}
	for _, name := range webserve.DataFiles {
		files[filepath.Join(data, name)] = name
	}
	for name, body := range files {
		if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return site, data
}

func TestServe(t *testing.T) {
	site, data := servedSite(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out, outWriter := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"serve", "--addr", "localhost:0", "--dir", site, "--data", data}, streams{outWriter, &stderr})
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://localhost:\d+/`).FindString(string(line[:n]))
	if url == "" {
		t.Fatalf("no address in %q", line[:n])
	}
	for path, want := range map[string]string{"": "<p>hello</p>", "data/" + webserve.DataFiles[0]: webserve.DataFiles[0]} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%s: %q, %v, want %q", path, body, err, want)
		}
	}

	// A second server on the same port says so in one line that names the flag.
	addr := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	var second bytes.Buffer
	if got := run(ctx, []string{"serve", "--addr", addr, "--dir", site, "--data", data}, streams{io.Discard, &second}); got != 1 {
		t.Errorf("port in use: exit code %d, want 1", got)
	}
	if msg := second.String(); strings.Count(msg, "\n") != 1 || !strings.Contains(msg, "--addr "+addr) || !strings.Contains(msg, "in use") {
		t.Errorf("port in use: %q", msg)
	}

	cancel()
	select {
	case got := <-code:
		if got != 0 {
			t.Errorf("exit code %d after a stop, want 0: %s", got, &stderr)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server did not stop")
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the port still answers after the stop")
	}
}

func TestServeRefuses(t *testing.T) {
	site, _ := servedSite(t)
	empty := t.TempDir()
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"no page", []string{"--dir", empty}, []string{empty, "make site"}},
		{"no data", []string{"--dir", site, "--data", empty}, []string{"--data", empty, "train-images-idx3-ubyte"}},
		{"no port", []string{"--dir", site, "--addr", "localhost"}, []string{"--addr localhost", "HOST:PORT"}},
		{"port out of range", []string{"--dir", site, "--addr", "localhost:99999"}, []string{"--addr localhost:99999", "HOST:PORT"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, stderr bytes.Buffer
			// A server that starts in spite of it all must not hang the test.
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			code := run(ctx, append([]string{"serve"}, tt.args...), streams{&out, &stderr})
			if code == 0 || out.Len() != 0 {
				t.Errorf("exit code %d, output %q, want a refusal", code, &out)
			}
			for _, want := range tt.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("%q does not mention %q", &stderr, want)
				}
			}
			if strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("%q, want one line", &stderr)
			}
		})
	}
}
