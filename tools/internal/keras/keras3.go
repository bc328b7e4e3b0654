package keras

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vaelab/tools/internal/keras/h5"
)

// list is one list of layers: a model's, or that of a model within it.
type list struct {
	path                  string
	convs, denses, deconv []numbered
}

type numbered struct {
	number int // conv2d, conv2d_1, conv2d_2 …: numbered in the model's order
	layer
}

// keras3 finds the layers of a Keras 3 file: LIST/CLASS_n/vars/{0,1}, where LIST is
// "layers", "layers/functional/layers" or "decoder/layers", as the model was put together.
func keras3(root *h5.Node) (parts, error) {
	s := search{lists: map[string]*list{}}
	if err := s.walk(root, nil); err != nil {
		return parts{}, err
	}
	if s.found == 0 {
		return parts{}, errNoWeights
	}
	return s.choose()
}

type search struct {
	lists  map[string]*list
	found  int
	layers []layer
}

// walk collects layers below a group; parents are those above it.
func (s *search) walk(g *h5.Node, parents []*h5.Node) error {
	for _, child := range g.Children {
		if child.Dataset != nil {
			return fmt.Errorf("dataset %q stands outside a layer: want LAYER/vars/0 and LAYER/vars/1, as Keras 3 writes", child.Path)
		}
		if child.Name == "vars" {
			if err := s.layer(g, child, parents); err != nil {
				return err
			}
			continue
		}
		if g.Path == "" && child.Name == "optimizer" || strings.HasPrefix(child.Name, "seed_generator") {
			continue // an optimiser's or a generator's state: no weights
		}
		if err := s.walk(child, append(slices.Clone(parents), g)); err != nil {
			return err
		}
	}
	return nil
}

// layer files the layer g with variables vars under its list and class.
func (s *search) layer(g, vars *h5.Node, parents []*h5.Node) error {
	n := numbered{layer: layer{path: g.Path}}
	if label := vars.Attributes["name"]; len(label) == 1 {
		n.label = label[0]
	}
	scalars := true
	for _, v := range vars.Children {
		if v.Dataset == nil {
			return fmt.Errorf("%q is a group, want a variable's values", v.Path)
		}
		scalars = scalars && len(v.Dataset.Shape) == 0
	}
	if scalars {
		return nil // without weights, or a metric's state
	}
	s.found++
	class := g.Name
	if at := strings.LastIndexByte(class, '_'); at > 0 {
		if number, err := strconv.Atoi(class[at+1:]); err == nil && number >= 0 {
			class, n.number = class[:at], number
		}
	}
	if len(parents) == 0 || parents[len(parents)-1] == nil || !strings.HasSuffix("/"+parent(g.Path), "/layers") {
		return fmt.Errorf("layer %q is not in a list called \"layers\": only Sequential and functional models (also as parts of another) say in which order their layers come", g.Path)
	}
	at := parent(g.Path)
	l := s.lists[at]
	if l == nil {
		l = &list{path: at}
		s.lists[at] = l
	}
	var members *[]numbered
	switch class {
	case "conv2d":
		members = &l.convs
	case "dense":
		members = &l.denses
	case "conv2d_transpose":
		members = &l.deconv
	default:
		return fmt.Errorf("layer %q is of an unknown kind with %d variables: want Conv2D, Dense and Conv2DTranspose only", g.Path, len(vars.Children))
	}
	n.kernel, n.bias = vars.At("0"), vars.At("1")
	if n.kernel == nil || n.bias == nil || len(vars.Children) != 2 {
		return fmt.Errorf("layer %q has %d variables, want 2: its kernel and its bias", g.Path, len(vars.Children))
	}
	*members = append(*members, n)
	s.layers = append(s.layers, n.layer)
	return nil
}

func parent(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '/'))]
}

// choose finds the whole model in one list, or its encoder and its decoder in two.
// Layers elsewhere must be further names of the same data.
func (s *search) choose() (parts, error) {
	var encoder, decoder *list
	for _, path := range slices.Sorted(maps.Keys(s.lists)) {
		l := s.lists[path]
		for _, members := range [][]numbered{l.convs, l.denses, l.deconv} {
			slices.SortStableFunc(members, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
		}
		switch l.counts() {
		case [3]int{5, 4, 1}:
			p := parts{convs: plain(l.convs), denses: plain(l.denses), deconv: l.deconv[0].layer}
			return p, s.onlyAliases(p)
		case [3]int{4, 3, 0}:
			encoder = first(encoder, l)
		case [3]int{1, 1, 1}:
			decoder = first(decoder, l)
		}
	}
	if encoder == nil || decoder == nil {
		var n [3]int
		for _, l := range s.lists {
			for i, c := range l.counts() {
				n[i] += c
			}
		}
		return parts{}, wrongCount(n[0], n[1], n[2])
	}
	p := parts{
		convs:  append(plain(encoder.convs), decoder.convs[0].layer),
		denses: append(plain(encoder.denses), decoder.denses[0].layer),
		deconv: decoder.deconv[0].layer,
	}
	return p, s.onlyAliases(p)
}

func first(a, b *list) *list {
	if a != nil {
		return a
	}
	return b
}

func (l *list) counts() [3]int { return [3]int{len(l.convs), len(l.denses), len(l.deconv)} }

func plain(ns []numbered) []layer {
	var out []layer
	for _, n := range ns {
		out = append(out, n.layer)
	}
	return out
}

// onlyAliases says which layer of the file p leaves out.
func (s *search) onlyAliases(p parts) error {
	used := map[[2]uint64]bool{}
	for _, l := range slices.Concat(p.convs, p.denses, []layer{p.deconv}) {
		used[l.addresses()] = true
	}
	for _, l := range s.layers {
		if !used[l.addresses()] {
			return fmt.Errorf("layer %q is one too many: want 5 Conv2D, 4 Dense and 1 Conv2DTranspose layers", l.path)
		}
	}
	return nil
}

func (l layer) addresses() [2]uint64 { return [2]uint64{l.kernel.Address, l.bias.Address} }
