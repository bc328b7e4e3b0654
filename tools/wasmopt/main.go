// Command wasmopt rewrites a js/wasm binary of the Go linker for speed: see
// package tools/internal/wasmopt. The binary must be linked with its function names,
// -ldflags=-w and not -s; they are gone from the output.
//
//	go run ./tools/wasmopt engine.wasm engine-simd.wasm
//	go run ./tools/wasmopt -fma engine.wasm engine-fma.wasm
//	go run ./tools/wasmopt -dump convTile engine.wasm
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"vaelab/tools/internal/wasmopt"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "wasmopt:", err)
		}
		os.Exit(1)
	}
}

func run(args []string, out, messages io.Writer) error {
	var o wasmopt.Options
	flags := flag.NewFlagSet("wasmopt", flag.ContinueOnError)
	flags.SetOutput(messages)
	flags.Usage = func() {
		fmt.Fprint(messages, "usage: wasmopt [flags] IN OUT\n       wasmopt -dump NAME IN\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.Package, "pkg", wasmopt.DefaultPackage, "rewrite the functions of this `package` and those below it")
	flags.BoolVar(&o.FMA, "fma", false, "fuse vector multiply and add (the engine must have relaxed SIMD)")
	flags.BoolVar(&o.NoFold, "nofold", false, "do not fold address offsets")
	flags.BoolVar(&o.NoLoops, "noloops", false, "do not rebuild control flow")
	flags.BoolVar(&o.KeepInfo, "names", false, "keep names and the other custom sections")
	dump := flags.String("dump", "", "print the functions whose name contains `NAME`, as they are in IN")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dump != "" {
		if flags.NArg() != 1 {
			return fmt.Errorf("-dump takes one file, got %d", flags.NArg())
		}
		return dumpFile(out, flags.Arg(0), *dump)
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("want IN and OUT, got %d arguments: see -h", flags.NArg())
	}
	summary, err := wasmopt.RewriteFile(flags.Arg(0), flags.Arg(1), o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s\n", flags.Arg(1), summary)
	return nil
}

func dumpFile(out io.Writer, path, name string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m, err := wasmopt.Parse(data)
	if err == nil {
		err = m.Dump(out, name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
