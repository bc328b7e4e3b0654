package core_test

import (
	"math"
	"strconv"
	"testing"

	"vaelab/core"
	"vaelab/core/kernel"
	"vaelab/core/nn"
)

// The golden values come from real Keras: testdata/keras/README.md says which, how, and what the names mean.
//
// Tolerances are of the 2-norm of a tensor's error against the tensor's norm, and stand above what float32 itself
// leaves open, measured as the largest distance of Keras' float32 from Keras' float64 and of Keras 2 from Keras 3
// (make_goldens.py compare): outputs 3.3e-6, losses 6e-7, gradients 3.2e-6, weights after one step 6.2e-6. After ten
// steps it is 6.2e-4, as a rectifier may open in one and stay shut in the other, and RMSprop and Adam move the weights
// behind it by a full step however small its gradient is.
const (
	outputTolerance   = 1e-5
	gradientTolerance = 1e-4
	stepTolerance     = 1e-4
	tenStepTolerance  = 1e-3
	// winogradFactor is what Winograd's convolutions are allowed more after ten steps: their rounding is twice the
	// direct path's (kernel's TestWinogradErrorAgainstDirect), and what follows from a rectifier's other choice grows with it.
	winogradFactor = 2
	// updateTolerance is for w − w₀, which is some fiftieth of w: it finds a wrong rule that the weights' own norm hides.
	updateTolerance = 0.1
)

// kerasCase is one model, batch and objective.
type kerasCase struct {
	name         string // as in "elbo/latent16/batch5"
	objective    core.Objective
	latent, size int
	clip         bool // the last bias is −16: predictions around 1e-7, where BCE clips
}

func kerasCases() (all []kerasCase) {
	for _, o := range []string{nn.Seed, nn.ELBO} {
		for _, latent := range []int{2, 16} {
			for _, size := range []int{1, 5, 16} {
				name := o + "/latent" + strconv.Itoa(latent) + "/batch" + strconv.Itoa(size)
				all = append(all, kerasCase{name, core.Objective{Name: o, Beta: 1}, latent, size, false})
			}
		}
	}
	return all
}

// model is the case's model with the given weights.
func (c kerasCase) model(t testing.TB) *core.Model {
	t.Helper()
	config := core.DefaultConfig()
	config.Latent = c.latent
	m, err := core.NewModel(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	fill(m.Tensors())
	if c.clip {
		m.Tensors()[len(m.Tensors())-1].Data[0] = -16
	}
	m.Changed()
	return m
}

// batch is the images and the noise of a step, counted from 0.
func (c kerasCase) batch(inputs golden, step int) (x, eps []float32) {
	for i := step * c.size; i < (step+1)*c.size; i++ {
		for _, p := range inputs["images"][i*core.ImagePixels:][:core.ImagePixels] {
			x = append(x, p/255)
		}
		eps = append(eps, inputs["eps"][i*16:][:c.latent]...)
	}
	return x, eps
}

// flat is a vector as long as the model, with views by tensor.
func flat(m *core.Model) *nn.Params { return nn.NewParams(nn.Dims(m.Config())) }

// start checks outputs, losses and gradients at the given weights.
func (c kerasCase) start(t *testing.T, w worst, inputs, g golden) {
	m := c.model(t)
	x, eps := c.batch(inputs, 0)
	mean, logVar := make([]float32, len(eps)), make([]float32, len(eps))
	m.Encode(mean, logVar, x)
	w.check(t, "output", g, c.name+"/output/enc/z_mean", mean, nil, outputTolerance)
	w.check(t, "output", g, c.name+"/output/enc/z_log_var", logVar, nil, outputTolerance)
	z := make([]float32, len(eps))
	for i := range z {
		scale := 0.5
		if c.objective.Name == nn.Seed {
			scale = 1
		}
		z[i] = mean[i] + float32(math.Exp(scale*float64(logVar[i])))*eps[i]
	}
	w.check(t, "output", g, c.name+"/output/z", z, nil, outputTolerance)
	p := make([]float32, len(x))
	m.Decode(p, z)
	w.check(t, "output", g, c.name+"/output/dec/conv", p, nil, outputTolerance)

	grad := flat(m)
	l, err := m.Gradient(grad.Flat, x, eps, c.objective)
	if err != nil {
		t.Fatal(err)
	}
	w.check(t, "loss", g, c.name+"/loss", c.losses(l), nil, outputTolerance)
	for _, tensor := range grad.Tensors() {
		w.check(t, "gradient", g, c.name+"/gradient/"+tensor.Name, tensor.Data, nil, gradientTolerance)
	}
}

// losses is the loss and its two terms as they stand in it.
func (c kerasCase) losses(l core.Losses) []float32 {
	term := func(l core.Losses) float32 { return float32(c.objective.Loss(l, c.latent)) }
	return []float32{term(l), term(core.Losses{Reconstruction: l.Reconstruction}), term(core.Losses{KL: l.KL})}
}

// train does steps with the named rule and returns the weights, the start and the losses.
func (c kerasCase) train(t *testing.T, inputs golden, optimizer string, lr float64, steps int) (now, was *nn.Params, losses []float32) {
	m := c.model(t)
	now, was = flat(m), flat(m)
	grad := flat(m)
	fill(now.Tensors())
	fill(was.Tensors())
	rule := nn.NewOptimizer(core.Optimizer{Name: optimizer, LR: lr, Rho: 0.9, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7}, len(now.Flat))
	for step := range steps {
		x, eps := c.batch(inputs, step)
		l, err := m.Gradient(grad.Flat, x, eps, c.objective)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, float32(c.objective.Loss(l, c.latent)))
		rule.Begin()
		rule.Update(now.Flat, grad.Flat, 0, len(now.Flat))
		for i, tensor := range m.Tensors() {
			copy(tensor.Data, now.Tensors()[i].Data)
		}
		m.Changed()
	}
	return now, was, losses
}

// steps checks the weights after one step and after ten.
func (c kerasCase) steps(t *testing.T, w worst, inputs, g golden, optimizer string, factor float64) {
	for _, run := range []struct {
		steps     int
		lr        float64
		tolerance float64
	}{{1, 1e-3, stepTolerance}, {10, 1e-4, factor * tenStepTolerance}} {
		now, was, losses := c.train(t, inputs, optimizer, run.lr, run.steps)
		prefix := c.name + "/" + optimizer + "/step" + strconv.Itoa(run.steps) + "/"
		kind := "step " + strconv.Itoa(run.steps)
		w.check(t, kind+" losses", g, prefix+"losses", losses, nil, tenStepTolerance)
		for i, tensor := range now.Tensors() {
			w.check(t, kind, g, prefix+tensor.Name, tensor.Data, nil, run.tolerance)
			w.check(t, kind+" update", g, prefix+tensor.Name, tensor.Data, was.Tensors()[i].Data, updateTolerance)
		}
	}
}

// kerasFiles are the golden files and the optimisers in each.
var kerasFiles = map[string][]string{
	"keras2": {nn.RMSprop},
	"keras3": {nn.RMSpropKeras, nn.Adam},
}

func TestKerasStart(t *testing.T) {
	inputs := readGolden(t, "inputs")
	defer kernel.Use(kernel.Lanes())
	for file := range kerasFiles {
		g := readGolden(t, file)
		for _, lanes := range kernel.Widths() {
			kernel.Use(lanes)
			t.Run(file+"/"+kernel.Name(), func(t *testing.T) {
				w := worst{}
				for _, c := range kerasCases() {
					c.start(t, w, inputs, g)
				}
				w.log(t)
			})
		}
	}
}

// The reference says that BCE clips predictions to [1e-7, 1−1e-7], with no gradient where it clips.
func TestKerasClip(t *testing.T) {
	inputs, g := readGolden(t, "inputs"), readGolden(t, "keras3")
	for _, o := range []string{nn.Seed, nn.ELBO} {
		c := kerasCase{o + "/latent2/clip", core.Objective{Name: o, Beta: 1}, 2, 5, true}
		c.start(t, worst{}, inputs, g)
	}
}

func TestKerasSteps(t *testing.T) {
	inputs := readGolden(t, "inputs")
	for file, optimizers := range kerasFiles {
		g := readGolden(t, file)
		for _, optimizer := range optimizers {
			for _, direct := range []bool{true, false} {
				name, factor := "/winograd", float64(winogradFactor)
				if direct {
					name, factor = "/direct", 1
				}
				t.Run(file+"/"+optimizer+name, func(t *testing.T) {
					kernel.Direct(direct)
					defer kernel.Direct(false)
					w := worst{}
					for _, c := range kerasCases() {
						if testing.Short() && c.size > 5 {
							continue
						}
						c.steps(t, w, inputs, g, optimizer, factor)
					}
					w.log(t)
				})
			}
		}
	}
}

// The comparison must be able to tell the optimisers apart, and the golden values must be there to compare with.
func TestKerasTellsRulesApart(t *testing.T) {
	inputs := readGolden(t, "inputs")
	c := kerasCases()[0]
	for file, optimizers := range kerasFiles {
		g := readGolden(t, file)
		for _, right := range optimizers {
			for _, wrong := range []string{nn.RMSprop, nn.RMSpropKeras, nn.Adam} {
				now, was, _ := c.train(t, inputs, wrong, 1e-3, 1)
				largest := 0.0
				for i, tensor := range now.Tensors() {
					name := c.name + "/" + right + "/step1/" + tensor.Name
					largest = max(largest, g.difference(t, name, tensor.Data, was.Tensors()[i].Data))
				}
				if same := right == wrong; same != (largest < updateTolerance) {
					t.Errorf("%s, computed by %s: off by %.2g", right, wrong, largest)
				}
			}
		}
	}
}
