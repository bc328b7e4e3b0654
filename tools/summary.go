package main

import (
	"context"
	"encoding/json"
	"fmt"

	"vaelab/core"
)

// SummaryCmd prints the layers of a model.
type SummaryCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints the table.
func (c *SummaryCmd) Run(ctx context.Context, s streams) error {
	cfg := core.DefaultConfig()
	if c.JSON {
		return json.NewEncoder(s.out).Encode(cfg)
	}
	_, err := fmt.Fprintf(s.out, "%+v\n", cfg)
	return err
}
