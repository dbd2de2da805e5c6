package access

import (
	"errors"

	"kommunpilot/engine/roadnet"
)

// Net is a road graph for one profile in both directions. It is not changed
// and may be read from many goroutines.
type Net struct {
	Out *roadnet.Graph // the arcs as they are travelled
	In  *roadnet.Graph // the same turned round: searches from sites follow these
}

// NewNet turns a graph round and keeps both. Cost O(nodes + arcs).
func NewNet(g *roadnet.Graph) *Net {
	in, _ := g.Reversed()
	return &Net{Out: g, In: in}
}

// ErrNeedsTwo means: what was asked reads the second nearest site, and the labels
// hold only one.
var ErrNeedsTwo = errors.New("access: this needs the two nearest sites of every node")
