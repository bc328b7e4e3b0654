// Package losschart draws training and validation loss over epochs.
package losschart

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Run is the loss of each epoch of one run.
type Run struct {
	Name  string    `json:"name"`
	Train []float64 `json:"train"`
	Val   []float64 `json:"val"`
}

// Book is what the first edition of Deep Learning with Python prints for this
// very model (§8.4): loss per pixel, epochs 1 to 10.
var Book = Run{
	Name:  "book",
	Train: []float64{.2109, .1933, .1886, .1858, .1840, .1827, .1816, .1807, .1800, .1794},
	Val:   []float64{.1966, .1899, .1862, .1851, .1830, .1816, .1813, .1827, .1806, .1801},
}

// palette is Okabe and Ito's: colour-blind readers tell them apart.
var palette = []color.RGBA{
	{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
	{0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
}

var grey = color.RGBA{0x80, 0x80, 0x80, 0xff}

// Draw draws runs as a picture in the given format, "png" or "svg": training
// loss solid, validation loss dashed, the book's run grey. unit is the loss's.
func Draw(runs []Run, unit, format string) ([]byte, error) {
	p := plot.New()
	p.Title.Text = "Loss by epoch"
	p.X.Label.Text = "epoch"
	p.Y.Label.Text = "loss (" + unit + ")"
	p.X.Tick.Marker = plot.TickerFunc(epochTicks)
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(3)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(-8), vg.Points(-4)
	p.Add(plotter.NewGrid())
	for i, r := range runs {
		c := palette[i%len(palette)]
		if r.Name == Book.Name {
			c = grey
		}
		if err := add(p, r.Name+" train", r.Train, c, nil); err != nil {
			return nil, err
		}
		if err := add(p, r.Name+" val", r.Val, c, []vg.Length{vg.Points(5), vg.Points(3)}); err != nil {
			return nil, err
		}
	}
	canvas, err := p.WriterTo(8*vg.Inch, 5*vg.Inch, format)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// add draws one curve; a single epoch, which has no line, shows as a point.
func add(p *plot.Plot, name string, losses []float64, c color.Color, dashes []vg.Length) error {
	points := make(plotter.XYs, len(losses))
	for i, v := range losses {
		points[i] = plotter.XY{X: float64(i + 1), Y: v}
	}
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return fmt.Errorf("curve %s: %w", name, err)
	}
	line.Color, line.Width, line.Dashes = c, vg.Points(1.5), dashes
	dots.Shape, dots.Color, dots.Radius = draw.CircleGlyph{}, c, vg.Points(2)
	p.Add(line, dots)
	p.Legend.Add(name, line)
	return nil
}

// epochTicks marks whole epochs, at most about twelve of them by number.
func epochTicks(from, to float64) []plot.Tick {
	step := 1
	for (to-from)/float64(step) > 12 {
		step++
	}
	var ticks []plot.Tick
	for e := int(math.Ceil(from)); float64(e) <= to; e++ {
		if e%step == 0 || e == 1 {
			ticks = append(ticks, plot.Tick{Value: float64(e), Label: strconv.Itoa(e)})
		}
	}
	return ticks
}
