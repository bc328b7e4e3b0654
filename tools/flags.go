package main

import (
	"runtime"
	"strconv"

	"vaelab/core"
)

// configFlags choose an architecture; what is not given is the book's.
type configFlags struct {
	Latent   *int  `placeholder:"N" help:"Dimensions of the latent space, 1 to 128 (2)."`
	Hidden   *int  `placeholder:"N" help:"Units of the encoder's dense layer, 1 to 1024 (32)."`
	Channels []int `placeholder:"N" help:"Channels of the encoder's four convolutions, 1 to 512 each (32,64,64,64)."`
	Decoder  *int  `placeholder:"N" help:"Channels of the decoder's transposed convolution, 1 to 512 (32)."`
}

// given returns the name of a flag that was set, or "".
func (f configFlags) given() string {
	return firstGiven(
		setFlag{"--latent", f.Latent != nil}, setFlag{"--hidden", f.Hidden != nil},
		setFlag{"--channels", f.Channels != nil}, setFlag{"--decoder", f.Decoder != nil})
}

// config is the book's architecture with the flags applied.
func (f configFlags) config() (core.Config, error) {
	cfg := core.DefaultConfig()
	if err := setInt(&cfg.Latent, f.Latent, "--latent", 1, 128); err != nil {
		return cfg, err
	}
	if err := setInt(&cfg.Hidden, f.Hidden, "--hidden", 1, 1024); err != nil {
		return cfg, err
	}
	if f.Channels != nil {
		if len(f.Channels) != len(cfg.Encoder) {
			return cfg, usagef("--channels: %d numbers, want four, for instance 32,64,64,64", len(f.Channels))
		}
		for i := range cfg.Encoder {
			if err := setInt(&cfg.Encoder[i], &f.Channels[i], "--channels", 1, 512); err != nil {
				return cfg, err
			}
		}
	}
	if err := setInt(&cfg.Decoder, f.Decoder, "--decoder", 1, 512); err != nil {
		return cfg, err
	}
	return cfg, cfg.Validate()
}

// threadFlags choose how many goroutines compute.
type threadFlags struct {
	Threads *int `placeholder:"N" help:"Threads to compute with, 1 to 1024 (one for each core); no result depends on it."`
}

func (f threadFlags) threads() (int, error) {
	n := min(runtime.GOMAXPROCS(0), 1024)
	return n, setInt(&n, f.Threads, "--threads", 1, 1024)
}

// setInt sets dst to *v where a flag was given, if it is in its range.
func setInt(dst, v *int, flag string, lo, hi int) error {
	if v == nil {
		return nil
	}
	if *v < lo || *v > hi {
		return usagef("%s: %d is out of range, want %s to %s", flag, *v, thousands(lo), thousands(hi))
	}
	*dst = *v
	return nil
}

// setFloat is setInt for real numbers; NaN is in no range.
func setFloat(dst, v *float64, flag string, lo, hi float64) error {
	if v == nil {
		return nil
	}
	if !(*v >= lo && *v <= hi) {
		return usagef("%s: %v is out of range, want %v to %v", flag, *v, lo, hi)
	}
	*dst = *v
	return nil
}

// setFlag is a flag's name and whether it stood on the command line.
type setFlag struct {
	name  string
	given bool
}

// firstGiven returns the name of the first flag that was given, or "".
func firstGiven(flags ...setFlag) string {
	for _, f := range flags {
		if f.given {
			return f.name
		}
	}
	return ""
}

// thousands writes n with commas between groups of three digits.
func thousands(n int) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
