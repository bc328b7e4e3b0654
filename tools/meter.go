package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// meter shows how far an epoch is: a bar on a terminal, a line now and then
// elsewhere. It draws in one colour and may be used from several goroutines.
type meter struct {
	total int
	w     io.Writer
	bars  *mpb.Progress // nil where w is no terminal
	bar   *mpb.Bar

	mu    sync.Mutex
	text  string
	spoke time.Time // when the last line was written, without a bar
}

// quiet is the time between two lines where there is no bar.
const quiet = 30 * time.Second

// newMeter starts a meter of total images, of which done are through.
func newMeter(w io.Writer, total, done int) *meter {
	m := &meter{total: total, w: w, spoke: time.Now()}
	if !isTerminal(w) {
		return m
	}
	m.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(30), mpb.WithRefreshRate(150*time.Millisecond))
	m.bar = m.bars.New(int64(total),
		mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(".").Rbound("]"),
		mpb.PrependDecorators(decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.text
		})))
	m.bar.SetCurrent(int64(done))
	return m
}

// show sets how many images are through and what stands beside that.
func (m *meter) show(done int, text string) {
	m.mu.Lock()
	m.text = text
	speak := m.bars == nil && time.Since(m.spoke) >= quiet
	if speak {
		m.spoke = time.Now()
		fmt.Fprintf(m.w, "%d/%d - %s\n", done, m.total, text)
	}
	m.mu.Unlock()
	if m.bar != nil && done < m.total { // a full bar would end itself
		m.bar.SetCurrent(int64(done))
	}
}

// say writes a line of its own.
func (m *meter) say(line string) {
	if m.bars != nil {
		fmt.Fprintln(m.bars, line)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprintln(m.w, line)
}

// stop removes the bar; what is written next starts on a fresh line.
func (m *meter) stop() {
	if m.bar != nil {
		m.bar.Abort(true)
		m.bars.Wait()
	}
}
