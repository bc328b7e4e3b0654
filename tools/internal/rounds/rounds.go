// Package rounds times several subjects in turn, A B C A B C …, so that a
// machine that slows down for a while slows down all of them: ratios within a
// round survive what absolute figures do not.
package rounds

import (
	"context"
	"time"

	"gonum.org/v1/gonum/stat"
)

// Subject is something to time. Run does one unit of its work.
type Subject struct {
	Name string
	Run  func() error
}

// Plan is how to measure.
type Plan struct {
	Rounds int           // at least 1
	Slice  time.Duration // what a subject gets in each round, about
	Now    func() time.Time
	Before func(round int) // called before each round, may be nil
}

// maxCalls bounds a calibration whose clock stands still.
const maxCalls = 1 << 40

// Measure returns, for each subject, its calls per second in each round. Every
// subject is first run until a slice is used up, which warms it up and says how
// many calls a slice holds. The error is a subject's own or the context's.
func Measure(ctx context.Context, plan Plan, subjects []Subject) ([][]float64, error) {
	calls := make([]int, len(subjects))
	for i, s := range subjects {
		n, err := calibrate(ctx, plan, s)
		if err != nil {
			return nil, err
		}
		calls[i] = n
	}
	rates := make([][]float64, len(subjects))
	for round := range plan.Rounds {
		if plan.Before != nil {
			plan.Before(round)
		}
		for i, s := range subjects {
			seconds, err := timed(ctx, plan, s, calls[i])
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], float64(calls[i])/seconds)
		}
	}
	return rates, nil
}

// calibrate returns the number of calls that take about a slice.
func calibrate(ctx context.Context, plan Plan, s Subject) (int, error) {
	for n := 1; ; {
		seconds, err := timed(ctx, plan, s, n)
		if err != nil {
			return 0, err
		}
		want := plan.Slice.Seconds()
		if seconds >= want/2 || n >= maxCalls {
			return max(1, int(float64(n)*want/seconds+0.5)), nil
		}
		n *= 2
	}
}

// timed returns the seconds that n calls take: at least a nanosecond.
func timed(ctx context.Context, plan Plan, s Subject, n int) (float64, error) {
	start := plan.Now()
	for range n {
		if err := ctx.Err(); err != nil {
			return 0, context.Cause(ctx)
		}
		if err := s.Run(); err != nil {
			return 0, err
		}
	}
	return max(plan.Now().Sub(start), time.Nanosecond).Seconds(), nil
}

// Summary describes a sample.
type Summary struct {
	Mean, SD, Min, Max float64 // SD is the sample's (n−1); 0 for a single value
	Runs               int
}

// Summarise describes values, of which there is at least one.
func Summarise(values []float64) Summary {
	s := Summary{Min: values[0], Max: values[0], Runs: len(values)}
	for _, v := range values {
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	s.Mean = stat.Mean(values, nil)
	if len(values) > 1 {
		s.SD = stat.StdDev(values, nil)
	}
	return s
}

// Spread is the standard deviation relative to the mean.
func (s Summary) Spread() float64 { return s.SD / s.Mean }

// Ratios divides a by b, round by round.
func Ratios(a, b []float64) []float64 {
	r := make([]float64, len(a))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}
