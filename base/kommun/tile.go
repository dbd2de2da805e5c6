package kommun

import (
	"container/list"
	"fmt"
	"strconv"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"kommunpilot/base/fail"
)

// MaxZoom is the deepest zoom that tiles are cut for; the borders have no more
// to show below it, and a map enlarges these.
const MaxZoom = 10

// tilesKept is how many tiles are kept, at most some tens of kB each.
const tilesKept = 512

// rim is how far a tile reaches outside itself, so that the line of a cut does
// not show; a tile is 4096 wide.
const rim = 128

// tileCache keeps the tiles that were asked for last.
type tileCache struct {
	mu    sync.Mutex
	tiles map[maptile.Tile]*list.Element
	order list.List // the newest first
}

// cut is a tile in the cache.
type cut struct {
	tile maptile.Tile
	data []byte
}

func (c *tileCache) get(t maptile.Tile) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.tiles[t]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(cut).data, true
}

func (c *tileCache) put(t maptile.Tile, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.tiles[t]; ok {
		return
	}
	if c.tiles == nil {
		c.tiles = map[maptile.Tile]*list.Element{}
	}
	c.tiles[t] = c.order.PushFront(cut{t, data})
	if c.order.Len() > tilesKept {
		delete(c.tiles, c.order.Remove(c.order.Back()).(cut).tile)
	}
}

// Tile cuts a Mapbox vector tile (version 2.1, not compressed) with three
// layers: kommuner and lan are areas, points are the main localities. Each
// feature has the code as its number and the properties code and name;
// kommuner has county, main_group and sub_group, points has population too.
// The tile is empty outside Sweden; fail.NotFound where there is no such tile.
// The bytes are not to be changed: tiles are kept.
func (r *Register) Tile(z, x, y int) ([]byte, error) {
	if z < 0 || z > MaxZoom || x < 0 || y < 0 || x >= 1<<z || y >= 1<<z {
		return nil, fail.Newf(fail.NotFound, "Kartan har ingen ruta %d/%d/%d.", z, x, y)
	}
	t := maptile.New(uint32(x), uint32(y), maptile.Zoom(z)) // within bounds, checked above
	if data, ok := r.tiles.get(t); ok {
		return data, nil
	}
	data, err := r.cut(t)
	if err != nil {
		return nil, fmt.Errorf("kommun: tile %d/%d/%d: %w", z, x, y, err)
	}
	r.tiles.put(t, data)
	return data, nil
}

func (r *Register) cut(t maptile.Tile) ([]byte, error) {
	window := t.Bound(float64(rim) / mvt.DefaultExtent)
	var layers mvt.Layers
	for _, l := range []struct {
		name     string
		features *geojson.FeatureCollection
	}{{"kommuner", r.kommunFeatures(window)}, {"lan", r.countyFeatures(window)}, {"points", r.pointFeatures(window)}} {
		if len(l.features.Features) > 0 {
			layer := mvt.NewLayer(l.name, l.features)
			layer.Version = 2
			layers = append(layers, layer)
		}
	}
	layers.ProjectToTile(t)
	layers.Clip(orb.Bound{Min: orb.Point{-rim, -rim}, Max: orb.Point{mvt.DefaultExtent + rim, mvt.DefaultExtent + rim}})
	return mvt.Marshal(layers)
}

func (r *Register) kommunFeatures(window orb.Bound) *geojson.FeatureCollection {
	out := geojson.NewFeatureCollection()
	for _, a := range kommunAreas() {
		now := r.Today(a.code)
		if len(now) == 0 || !a.bound.Intersects(window) {
			continue
		}
		k := now[0]
		f := feature(k.Code, k.Name, tileRings(a))
		f.Properties["county"], f.Properties["main_group"], f.Properties["sub_group"] = k.County, k.MainGroup, k.SubGroup
		out.Append(f)
	}
	return out
}

func (r *Register) countyFeatures(window orb.Bound) *geojson.FeatureCollection {
	out := geojson.NewFeatureCollection()
	for _, a := range countyAreas() {
		if c, ok := r.County(a.code); ok && a.bound.Intersects(window) {
			out.Append(feature(c.Code, c.Name, tileRings(a)))
		}
	}
	return out
}

func (r *Register) pointFeatures(window orb.Bound) *geojson.FeatureCollection {
	out := geojson.NewFeatureCollection()
	for _, k := range r.all {
		if p := (orb.Point{k.Lon, k.Lat}); window.Contains(p) {
			f := feature(k.Code, k.Name, p)
			f.Properties["population"] = k.Population
			out.Append(f)
		}
	}
	return out
}

// tileRings copies the area's rings, for projecting writes over them. The
// tile's outer rings run with the clock (Vector Tile Specification 2.1, 4.3.4.4).
func tileRings(a area) orb.MultiPolygon {
	out := a.degree.Clone()
	for _, p := range out {
		for _, r := range p {
			r.Reverse()
		}
	}
	return out
}

func feature(code, name string, g orb.Geometry) *geojson.Feature {
	f := geojson.NewFeature(g)
	f.Properties = geojson.Properties{"code": code, "name": name}
	if n, err := strconv.ParseUint(code, 10, 64); err == nil {
		f.ID = n
	}
	return f
}
