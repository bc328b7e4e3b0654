package core

import (
	"sync"
	"sync/atomic"
)

// pool runs jobs on a number of goroutines. Which of them does a job is chance;
// no result may depend on it. It holds no goroutine between runs, and a run
// allocates nothing.
type pool struct {
	do   func(worker, job int)
	jobs int64
	next atomic.Int64
	wait sync.WaitGroup
	work []func() // one per extra goroutine
}

func newPool(threads int) *pool {
	p := &pool{work: make([]func(), threads-1)}
	for i := range p.work {
		p.work[i] = func() {
			defer p.wait.Done()
			p.take(i + 1)
		}
	}
	return p
}

// threads is the number of workers, the caller included.
func (p *pool) threads() int { return len(p.work) + 1 }

// run calls do for every job below jobs, and returns when all are done.
func (p *pool) run(jobs int, do func(worker, job int)) {
	p.do, p.jobs = do, int64(jobs)
	p.next.Store(0)
	helpers := min(len(p.work), jobs-1)
	for i := range helpers {
		p.wait.Add(1)
		go p.work[i]()
	}
	p.take(0)
	p.wait.Wait()
}

func (p *pool) take(worker int) {
	for {
		job := p.next.Add(1) - 1
		if job >= p.jobs {
			return
		}
		p.do(worker, int(job))
	}
}
