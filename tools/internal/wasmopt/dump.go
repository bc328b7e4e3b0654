package wasmopt

import (
	"fmt"
	"io"
	"strings"
)

// Dump writes the text of every function whose name contains part, one
// instruction a line, nested blocks indented.
func (m *Module) Dump(w io.Writer, part string) error {
	for _, f := range m.Funcs {
		if !strings.Contains(f.Name, part) {
			continue
		}
		b, err := f.Decode()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s (%s) → (%s)\n", f, f.Type.Params, f.Type.Results)
		for _, l := range b.Locals {
			fmt.Fprintf(w, "  local %d × %c\n", l.Count, l.Type)
		}
		depth := 1
		for i := range b.Code {
			in := &b.Code[i]
			if in.Op == opEnd || in.Op == opElse {
				depth--
			}
			fmt.Fprintf(w, "%s%s\n", strings.Repeat("  ", depth), in)
			switch in.Op {
			case opBlock, opLoop, opIf, opElse:
				depth++
			}
		}
	}
	return nil
}

func (in *Instr) String() string {
	info := opTable[in.Op]
	switch info.imm {
	case immIndex:
		return fmt.Sprintf("%s %d", info.name, in.A)
	case immI32, immI64:
		return fmt.Sprintf("%s %d", info.name, int64(in.A))
	case immF32, immF64:
		return fmt.Sprintf("%s 0x%x", info.name, in.A)
	case immTable:
		return fmt.Sprintf("%s %d", info.name, in.Table)
	case immIndirect:
		return fmt.Sprintf("%s type %d table %d", info.name, in.A, in.B)
	case immMem:
		return fmt.Sprintf("%s offset=%d align=%d", info.name, in.B, 1<<in.A)
	case immMemLane:
		return fmt.Sprintf("%s offset=%d align=%d lane %d", info.name, in.B, 1<<in.A, in.Lane)
	case imm16:
		return fmt.Sprintf("%s 0x%016x%016x", info.name, in.B, in.A)
	case immLane:
		return fmt.Sprintf("%s %d", info.name, in.Lane)
	}
	return info.name
}
