package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestReadmeListsCommands: every command stands in README's table.
func TestReadmeListsCommands(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Commands\n")
	section, _, _ = strings.Cut(section, "\n## ")
	parser, err := kong.New(&commands{}, kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		words := strings.Fields(command.Path())
		name := command.Name
		if len(words) > 2 { // "tools npy export"
			name = strings.Join(words[1:], " ")
		}
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("README.md, section Commands, does not mention `%s`", name)
		}
	}
}
