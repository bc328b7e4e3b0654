// Command tools is the native side of VAE Lab: it pretrains models, evaluates
// them, draws what they have learnt, and serves the page.
//
//	go run ./tools <command> --help
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"vaelab/core"
)

// commands lists the subcommands; each is one struct in a file of its own, with
// Run(ctx, streams) error.
type commands struct {
	Pretrain    PretrainCmd    `cmd:"" help:"Train a model natively and write it as safetensors."`
	Eval        EvalCmd        `cmd:"" help:"Measure a model on the test set under both objectives."`
	Sample      SampleCmd      `cmd:"" help:"Draw digits from the prior into a PNG."`
	Manifold    ManifoldCmd    `cmd:"" help:"Draw the book's grid over the latent plane into a PNG."`
	Reconstruct ReconstructCmd `cmd:"" help:"Draw test images over their reconstructions into a PNG."`
	Plot        PlotCmd        `cmd:"" help:"Draw the loss curves of runs."`
	Summary     SummaryCmd     `cmd:"" help:"Print the layers of encoder and decoder with their shapes and parameter counts."`
	Serve       ServeCmd       `cmd:"" help:"Serve the page, and MNIST for training in the tab."`
	Bench       BenchCmd       `cmd:"" help:"Measure kernels and whole steps: images/s, GFLOPS, share of the FMA peak."`
	Import      ImportCmd      `cmd:"" help:"Make a model of a file of Keras, PyTorch, ONNX or NumPy."`
	Export      ExportCmd      `cmd:"" help:"Write a model for Keras, PyTorch, ONNX or NumPy."`
	Encode      EncodeCmd      `cmd:"" help:"Write a data set's posteriors as CSV or Parquet."`
	Npy         NpyCmd         `cmd:"" help:"Carry models to and from NumPy: .npy and .npz."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// streams is where a command writes: results to out, progress and remarks to err.
type streams struct {
	out, err io.Writer
}

func main() {
	rebuildWithSIMD(os.Args[1:], os.Stderr)
	os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// exitRequest carries the exit code of --help and --version out of kong.
type exitRequest int

// run parses args, runs the command that they name, and returns the exit code:
// 0, 1 where the command failed, 2 where the command line is wrong. A failure is
// one line on s.err.
func run(ctx context.Context, args []string, s streams) (code int) {
	defer func() {
		if r := recover(); r != nil {
			exit, ok := r.(exitRequest)
			if !ok {
				panic(r)
			}
			code = int(exit)
		}
	}()
	var cli commands
	parser, err := kong.New(&cli,
		kong.Name("tools"),
		kong.Description("VAE Lab: a convolutional variational autoencoder for 28×28 images, trained natively."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exitRequest(code)) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": "vaelab " + core.Version},
	)
	if err != nil {
		panic(err) // a malformed struct tag: a programmer's fault
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(s.err, "tools: %v (see --help)\n", err)
		return exitUsage
	}
	if err := parsed.Run(); err != nil {
		name, _, _ := strings.Cut(parsed.Command(), " ") // without the arguments' names
		fmt.Fprintf(s.err, "tools %s: %v\n", name, err)
		var coded codedError
		if errors.As(err, &coded) {
			return coded.code
		}
		return 1
	}
	return 0
}
