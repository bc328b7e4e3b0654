package core

import "testing"

func TestReplicasDoNotChangeBits(t *testing.T) {
	set := digits(41)
	for _, shards := range []int{1, 3, 4, 8} {
		build := func() *Trainer {
			m, err := NewModel(small(2), 3)
			if err != nil {
				t.Fatal(err)
			}
			cfg := ELBOPreset()
			cfg.Batch, cfg.Epochs, cfg.Shards = 19, 2, shards
			tr, err := NewTrainer(m, set, cfg)
			if err != nil {
				t.Fatal(err)
			}
			return tr
		}
		want := build()
		for !want.Done() {
			if _, err := want.Step(); err != nil {
				t.Fatal(err)
			}
		}
		for _, workers := range []int{1, 2, 3, 4, 8} {
			got := build()
			group := GroupSize(shards, workers)
			var replicas []*Replica
			for range workers {
				r, err := NewReplica(small(2), group)
				if err != nil {
					t.Fatal(err)
				}
				replicas = append(replicas, r)
			}
			var last Progress
			for !got.Done() {
				if err := got.Begin(); err != nil {
					t.Fatal(err)
				}
				for first := 0; first < shards; first += group {
					r := replicas[(first/group*7+last.Step)%workers] // whoever comes
					copy(r.Parameters(), got.Parameters())
					r.Load()
					n := min(group, shards-first)
					for slot := range n {
						lo, hi := got.Bounds(first + slot)
						indices := got.Batch()[lo:hi]
						var pixels []byte
						for _, i := range indices {
							pixels = append(pixels, set.Image(int(i))...)
						}
						sum, err := r.Shard(ShardJob{Slot: slot, Indices: indices, Pixels: pixels, Batch: len(got.Batch()),
							Seed: got.Config().Seed, Epoch: got.Epoch(), Objective: got.Config().Objective})
						if err != nil {
							t.Fatal(err)
						}
						got.Accept(first+slot, sum)
					}
					copy(got.Gradient(first), r.Sum(n))
				}
				p, err := got.Finish(group)
				if err != nil {
					t.Fatal(err)
				}
				last = p
			}
			for i, w := range want.model.params.Flat {
				if g := got.model.params.Flat[i]; g != w {
					t.Fatalf("%d shards, %d workers: parameter %d is %v, want %v", shards, workers, i, g, w)
				}
			}
			if last != want.Progress() {
				t.Errorf("%d shards, %d workers: progress %+v, want %+v", shards, workers, last, want.Progress())
			}
		}
	}
}

func TestReplicasScoreAsTheTrainerValidates(t *testing.T) {
	set := digits(41) // its last slice is a single image
	m, err := NewModel(small(2), 3)
	if err != nil {
		t.Fatal(err)
	}
	cfg := ELBOPreset()
	cfg.Batch = 19
	tr, err := NewTrainer(m, set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for tr.Epoch() < 1 {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	want := tr.Validate(set)
	for _, size := range []int{4, 8, 12, 64} {
		var own, theirs Losses
		for lo := 0; lo < set.Len(); lo += size {
			hi := min(lo+size, set.Len())
			sums := make([]Losses, slicesOf(hi-lo))
			tr.ScoreSlices(sums, set, lo, hi)
			for _, s := range sums {
				own.Reconstruction += s.Reconstruction
				own.KL += s.KL
			}
			r, err := NewReplica(small(2), 1)
			if err != nil {
				t.Fatal(err)
			}
			copy(r.Parameters(), m.Flat())
			r.Model().Changed()
			job := ShardJob{Seed: cfg.Seed, Epoch: tr.Epoch(), Objective: cfg.Objective}
			for i := lo; i < hi; i++ {
				job.Indices = append(job.Indices, int32(i))
				job.Pixels = append(job.Pixels, set.Image(i)...)
			}
			if err := r.Score(sums, job); err != nil {
				t.Fatal(err)
			}
			for _, s := range sums {
				theirs.Reconstruction += s.Reconstruction
				theirs.KL += s.KL
			}
			if err := r.Score(sums[1:], job); err == nil {
				t.Error("too few sums were accepted")
			}
		}
		n := float64(set.Len())
		for who, got := range map[string]Losses{"the trainer": own, "replicas": theirs} {
			if got.Reconstruction/n != want.Reconstruction || got.KL/n != want.KL {
				t.Errorf("ranges of %d, scored by %s: %v, want %v × %v", size, who, got, want, n)
			}
		}
	}
}
