package service

import (
	"math"
	"sync"

	"kommunpilot/engine/access"
	"kommunpilot/engine/roadnet"
)

// Roads is a road network that the room measures on. It may be read from many
// goroutines.
type Roads struct {
	Name    string
	Network *roadnet.Network

	once    sync.Once
	snapper *roadnet.Snapper
	grounds [2]*access.Ground
}

// NewRoads takes a network that has places. The index and the graphs are made
// when they are first asked for, about a second for a county.
func NewRoads(name string, n *roadnet.Network) *Roads { return &Roads{Name: name, Network: n} }

func (r *Roads) ready() {
	r.once.Do(func() {
		r.snapper = roadnet.NewSnapper(r.Network)
		r.grounds[byLength] = access.NewGround(r.Network, roadnet.ByLength)
		r.grounds[byTime] = access.NewGround(r.Network, roadnet.ByTime)
	})
}

func (r *Roads) ground(m metric) *access.Ground {
	r.ready()
	return r.grounds[m]
}

func (r *Roads) snap(lat, lon float64) roadnet.Snap {
	r.ready()
	far := r.Network.Meta.MaxOff
	if far <= 0 {
		far = 1000
	}
	return r.snapper.Find(lat, lon, far)
}

// places puts sites on the roads; those that do not lie by one are left out.
func (r *Roads) places(sites []Site, m metric) []access.Place { return r.placesFrom(sites, m, 0) }

func (r *Roads) placesFrom(sites []Site, m metric, first int) (out []access.Place) {
	for i := range sites {
		if s := r.snap(sites[i].Lat, sites[i].Lon); s.Reason == roadnet.OK {
			out = append(out, access.Place{Site: uint32(first + i), Position: r.ground(m).Position(s)})
		}
	}
	return out
}

// Kilometres is the length of all roads.
func (r *Roads) Kilometres() float64 {
	var sum uint64
	for _, s := range r.Network.Stretches {
		sum += uint64(s.Metres)
	}
	return math.Round(float64(sum) / 1000)
}
