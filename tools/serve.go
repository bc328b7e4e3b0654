package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"vaelab/tools/internal/mnist"
	"vaelab/tools/internal/webserve"
)

// ServeCmd serves the built page, and MNIST for training in the tab.
type ServeCmd struct {
	Addr string `default:"localhost:8080" placeholder:"HOST:PORT" help:"Where to listen; port 0 picks a free one (${default})."`
	Dir  string `default:"" placeholder:"DIR" help:"The built page (site/dist of this repository)."`
	Data string `default:"" placeholder:"DIR" help:"Four IDX files for /data/, .gz or plain (MNIST from the GoMNIST module)."`
}

// goodbye is how long requests under way may take once the server was told to stop.
const goodbye = 3 * time.Second

// Run serves until ctx ends or a SIGINT or SIGTERM arrives; both end it well.
func (c *ServeCmd) Run(ctx context.Context, s streams) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()

	site, err := webserve.Load(c.siteDir())
	if err != nil {
		return err
	}
	if c.Data != "" {
		if err := webserve.CheckData(c.Data); err != nil {
			return fmt.Errorf("--data: %w", err)
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return c.explain(err)
	}
	defer listener.Close()

	var background sync.WaitGroup
	defer background.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	background.Go(func() {
		// Compression fails only where ctx ends: bodies then stay as they are.
		_ = site.Compress(ctx)
	})
	found := make(chan struct{})
	site.ServeData(ctx, func(ctx context.Context) (string, error) {
		defer close(found)
		return c.findData(ctx, s)
	})
	background.Go(func() { <-found })

	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	background.Go(func() {
		<-ctx.Done()
		timeout, done := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer done()
		if server.Shutdown(timeout) != nil {
			server.Close()
		}
	})
	fmt.Fprintf(s.out, "VAE Lab is on http://%s/ (Ctrl-C stops it)\n", c.shownAddr(listener.Addr()))
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("--addr %s: %w", c.Addr, err)
	}
	return nil
}

// siteDir is --dir, or site/dist of the repository that this program belongs to.
func (c *ServeCmd) siteDir() string {
	const built = "site/dist"
	if c.Dir != "" {
		return c.Dir
	}
	if _, err := os.Stat(built); err == nil {
		return built
	}
	if root, err := moduleRoot(); err == nil {
		return filepath.Join(root, filepath.FromSlash(built))
	}
	return built
}

// findData returns the folder for /data/. The page works without it, except for
// training, so a failure is a remark here and an answer to whoever asks.
func (c *ServeCmd) findData(ctx context.Context, s streams) (string, error) {
	if c.Data != "" {
		return c.Data, nil
	}
	root, err := moduleRoot()
	if err != nil {
		root = ""
	}
	said := false
	dir, err := mnist.Locate(ctx, root, func(int64) {
		if !said {
			said = true
			fmt.Fprintf(s.err, "Fetching MNIST (about %d MB, once)…\n", mnist.Size/1_000_000)
		}
	})
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(s.err, "tools serve: %v; the page works, but cannot train\n", err)
	}
	return dir, err
}

// shownAddr is the address to type: the host as given, the port as bound.
func (c *ServeCmd) shownAddr(bound net.Addr) string {
	host, _, err := net.SplitHostPort(c.Addr)
	_, port, boundErr := net.SplitHostPort(bound.String())
	if err != nil || boundErr != nil {
		return bound.String()
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// explain turns a failure to listen into what to do about it.
func (c *ServeCmd) explain(err error) error {
	const windowsInUse = syscall.Errno(10048) // WSAEADDRINUSE
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, windowsInUse):
		return fmt.Errorf("--addr %s: the port is in use: stop the program that has it, or pick another port, for instance --addr localhost:8081", c.Addr)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("--addr %s: not allowed: ports below 1024 are the system's, pick a higher one, for instance --addr localhost:8080", c.Addr)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return usagef("--addr %s: %w: want HOST:PORT, for instance localhost:8080", c.Addr, err)
}
