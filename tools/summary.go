package main

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"vaelab/core"
)

// SummaryCmd prints the layers of a model.
type SummaryCmd struct {
	Model string `placeholder:"FILE" help:"A model file (default: the book's architecture with the flags below)."`
	configFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// summary is what --json prints.
type summary struct {
	Config     configJSON `json:"config"`
	Encoder    []layer    `json:"encoder"`
	Decoder    []layer    `json:"decoder"`
	Parameters struct {
		Encoder int `json:"encoder"`
		Decoder int `json:"decoder"`
		Total   int `json:"total"`
	} `json:"parameters"`
}

// Run prints one table for the encoder and one for the decoder.
func (c *SummaryCmd) Run(ctx context.Context, s streams) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	var out summary
	out.Config = describeConfig(m.Config())
	out.Encoder, out.Decoder = layers(m)
	out.Parameters.Encoder, out.Parameters.Decoder = parameters(out.Encoder), parameters(out.Decoder)
	out.Parameters.Total = out.Parameters.Encoder + out.Parameters.Decoder
	if c.JSON {
		return printJSON(s.out, out)
	}
	table := layerTable("encoder", out.Encoder) + "\n" + layerTable("decoder", out.Decoder) +
		"\nTotal params: " + thousands(out.Parameters.Total) + "\n"
	_, err = fmt.Fprint(s.out, table)
	return err
}

func (c *SummaryCmd) model() (*core.Model, error) {
	if c.Model == "" {
		cfg, err := c.config()
		if err != nil {
			return nil, err
		}
		return core.NewModel(cfg, 1)
	}
	if flag := c.given(); flag != "" {
		return nil, usagef("%s: the file of --model has an architecture of its own, give one or the other", flag)
	}
	m, _, _, err := modelFlags{c.Model}.load()
	return m, err
}

// layerTable writes rows as Keras's summary() does.
func layerTable(title string, rows []layer) string {
	head := [4]string{"Layer", "Type", "Output shape", "Param #"}
	cells := [][4]string{head}
	for _, r := range rows {
		cells = append(cells, [4]string{r.Name, r.Type, shapeText(r.Output), thousands(r.Parameters)})
	}
	var width [4]int
	for _, row := range cells {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	rule := strings.Repeat("─", width[0]+width[1]+width[2]+width[3]+6) + "\n"
	var b strings.Builder
	fmt.Fprintf(&b, "Model: %s\n%s", title, rule)
	for i, row := range cells {
		fmt.Fprintf(&b, "%-*s  %-*s  %-*s  %*s\n", width[0], row[0], width[1], row[1], width[2], row[2], width[3], row[3])
		if i == 0 {
			b.WriteString(rule)
		}
	}
	fmt.Fprintf(&b, "%sParams: %s\n", rule, thousands(parameters(rows)))
	return b.String()
}
