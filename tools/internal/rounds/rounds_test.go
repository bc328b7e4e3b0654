package rounds

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"
)

// clock is moved by the subjects themselves.
type clock struct{ now time.Time }

func (c *clock) subject(name string, takes func() time.Duration, log *[]string) Subject {
	return Subject{name, func() error {
		c.now = c.now.Add(takes())
		*log = append(*log, name)
		return nil
	}}
}

func TestMeasureInterleaves(t *testing.T) {
	c := &clock{}
	var log []string
	slow := 1.0 // the machine's slowness, which doubles with every round
	takes := func(d time.Duration) func() time.Duration {
		return func() time.Duration { return time.Duration(float64(d) * slow) }
	}
	subjects := []Subject{
		c.subject("a", takes(100*time.Millisecond), &log),
		c.subject("b", takes(50*time.Millisecond), &log),
	}
	plan := Plan{Rounds: 3, Slice: 200 * time.Millisecond, Now: func() time.Time { return c.now }}
	plan.Before = func(round int) {
		slow = math.Pow(2, float64(round))
		log = append(log, "|")
	}
	rates, err := Measure(context.Background(), plan, subjects)
	if err != nil {
		t.Fatal(err)
	}
	start := slices.Index(log, "|")
	want := []string{"|", "a", "a", "b", "b", "b", "b"}
	if got := log[start:]; !slices.Equal(got, slices.Concat(want, want, want)) {
		t.Errorf("order of calls: %v", got)
	}
	for i, want := range [][]float64{{10, 5, 2.5}, {20, 10, 5}} {
		for round := range want {
			if math.Abs(rates[i][round]-want[round]) > 1e-9 {
				t.Errorf("%s: %v, want %v", subjects[i].Name, rates[i], want)
			}
		}
	}
	// Though both fell to a quarter, their ratio stands.
	if r := Summarise(Ratios(rates[1], rates[0])); r.Mean != 2 || r.SD != 0 {
		t.Errorf("ratio %+v, want 2 ± 0", r)
	}
}

func TestMeasureStops(t *testing.T) {
	plan := Plan{Rounds: 2, Slice: time.Millisecond, Now: time.Now}
	broken := errors.New("broken")
	if _, err := Measure(context.Background(), plan, []Subject{{"a", func() error { return broken }}}); err != broken {
		t.Errorf("got %v, want the subject's error", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(broken)
	if _, err := Measure(ctx, plan, []Subject{{"a", func() error { return nil }}}); err != broken {
		t.Errorf("got %v, want the context's cause", err)
	}
}

func TestSummarise(t *testing.T) {
	s := Summarise([]float64{4, 2, 6})
	if s.Mean != 4 || s.SD != 2 || s.Min != 2 || s.Max != 6 || s.Runs != 3 || s.Spread() != .5 {
		t.Errorf("got %+v, spread %v", s, s.Spread())
	}
	if s := Summarise([]float64{3}); s.SD != 0 || s.Mean != 3 || s.Spread() != 0 {
		t.Errorf("a single value: %+v", s)
	}
}
