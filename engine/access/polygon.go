package access

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// ErrRaster means: a raster has no size, more squares than it may, or a point
// without coordinates.
var ErrRaster = errors.New("access: these points cannot be drawn on a raster of that size")

// maxSquares is the most squares of a raster.
const maxSquares = 1 << 26

// Spot is a point to draw, in metres on a plane: a cell or a node with its
// band or its site. Where spots compete for a square, the one of least Rank
// (its cost) has it.
type Spot struct {
	X, Y  float64
	Class int32 // 0 or above
	Rank  uint32
}

// BandOf is the number of the band that a cost falls in, as for Question.Bands.
func BandOf(cost uint32, bands []uint32) int32 {
	i, _ := slices.BinarySearch(bands, cost)
	return int32(i)
}

// Region is the area of one class.
type Region struct {
	Class int32
	Area  orb.MultiPolygon
}

// Regions draws the areas of classes of spots: isochrones where the class is a
// band, catchments where it is a site. The plane is cut in squares of the
// given side, in metres; a square belongs to the spot of least rank in it, and
// squares without one to the nearest square with a spot, at most spread
// squares away. The areas are for drawing: no two overlap, rings are closed
// and do not cross or touch themselves, outer rings run anticlockwise, holes
// clockwise. In order of classes. Cost O(squares + spots).
func Regions(spots []Spot, side float64, spread int) ([]Region, error) {
	if len(spots) == 0 {
		return nil, nil
	}
	r, err := newRaster(spots, side, spread)
	if err != nil {
		return nil, err
	}
	r.spread(spread)
	return r.regions(), nil
}

// raster is a plane of squares with a margin of empty ones.
type raster struct {
	west, south, side float64
	w, h              int
	class             []int32 // −1: none
	rank              []uint32
	fresh             []int // squares with spots, rising
}

func newRaster(spots []Spot, side float64, spread int) (*raster, error) {
	west, south := math.Inf(1), math.Inf(1)
	east, north := math.Inf(-1), math.Inf(-1)
	for _, s := range spots {
		if s.Class < 0 || math.IsNaN(s.X+s.Y) || math.IsInf(s.X+s.Y, 0) {
			return nil, fmt.Errorf("%w: the point %v, %v of class %d", ErrRaster, s.X, s.Y, s.Class)
		}
		west, east = min(west, s.X), max(east, s.X)
		south, north = min(south, s.Y), max(north, s.Y)
	}
	if !(side > 0) || spread < 0 || spread > 1000 {
		return nil, fmt.Errorf("%w: squares of %v m, spread %d", ErrRaster, side, spread)
	}
	// Squares lie on multiples of the side, so neighbouring rasters meet.
	margin := float64(spread + 1)
	west, south = math.Floor(west/side)-margin, math.Floor(south/side)-margin
	w, h := math.Floor(east/side)+margin+1-west, math.Floor(north/side)+margin+1-south
	if w*h > maxSquares {
		return nil, fmt.Errorf("%w: %.0f times %.0f squares of %v m, at most %d", ErrRaster, w, h, side, maxSquares)
	}
	r := &raster{west: west, south: south, side: side, w: int(w), h: int(h)}
	r.class, r.rank = make([]int32, r.w*r.h), make([]uint32, r.w*r.h)
	for i := range r.class {
		r.class[i] = -1
	}
	for _, s := range spots {
		i := int(math.Floor(s.Y/side)-south)*r.w + int(math.Floor(s.X/side)-west)
		switch c := r.class[i]; {
		case c < 0:
			r.fresh = append(r.fresh, i)
			fallthrough
		case s.Rank < r.rank[i] || s.Rank == r.rank[i] && s.Class < c:
			r.class[i], r.rank[i] = s.Class, s.Rank
		}
	}
	slices.Sort(r.fresh)
	return r, nil
}

// spread gives empty squares the class of a neighbour, ring by ring; of
// several the one of least rank, then least class.
func (r *raster) spread(steps int) {
	front := r.fresh
	for range steps {
		type claim struct {
			square int
			rank   uint32
			class  int32
		}
		var claims []claim
		for _, i := range front {
			for _, d := range []int{1, -1, r.w, -r.w} {
				if r.class[i+d] < 0 {
					claims = append(claims, claim{i + d, r.rank[i], r.class[i]})
				}
			}
		}
		slices.SortFunc(claims, func(a, b claim) int {
			return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.rank, b.rank), cmp.Compare(a.class, b.class))
		})
		front = front[:0:0]
		for _, c := range claims {
			if r.class[c.square] < 0 {
				r.class[c.square], r.rank[c.square] = c.class, c.rank
				front = append(front, c.square)
			}
		}
	}
}

// regions traces the squares of each class.
func (r *raster) regions() []Region {
	part := make([]int32, len(r.class)) // 1 + number of the piece of squares side by side
	areas := map[int32]orb.MultiPolygon{}
	pieces := int32(0)
	var stack, squares []int
	for i, c := range r.class {
		if c < 0 || part[i] != 0 {
			continue
		}
		pieces++
		part[i] = pieces
		stack, squares = append(stack[:0], i), squares[:0]
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			squares = append(squares, at)
			for _, d := range []int{1, -1, r.w, -r.w} {
				if part[at+d] == 0 && r.class[at+d] == c {
					part[at+d] = pieces
					stack = append(stack, at+d)
				}
			}
		}
		slices.Sort(squares)
		areas[c] = append(areas[c], r.trace(squares, part, pieces))
	}
	out := make([]Region, 0, len(areas))
	for c, a := range areas {
		out = append(out, Region{c, a})
	}
	slices.SortFunc(out, func(a, b Region) int { return cmp.Compare(a.Class, b.Class) })
	return out
}

// The directions along the sides of squares, each the one before turned left.
const (
	eastward = iota
	northward
	westward
	southward
)

// trace walks round a piece with its squares on the left. A corner where two
// of its squares meet aslant is left by the right: the piece closes round one
// of the other two squares there, so their outlines are two rings that touch
// in a point, and none touches itself.
func (r *raster) trace(squares []int, part []int32, piece int32) orb.Polygon {
	type side struct {
		corner int // of r.w+1 by r.h+1 corners
		toward int
	}
	across := r.w + 1
	step := [4]int{1, across, -1, -across}
	left := map[side]bool{}
	var order []side
	for _, i := range squares {
		sw := i/r.w*across + i%r.w
		for _, s := range []struct {
			beside int
			side   side
		}{
			{i - r.w, side{sw, eastward}}, {i + 1, side{sw + 1, northward}},
			{i + r.w, side{sw + 1 + across, westward}}, {i - 1, side{sw + across, southward}},
		} {
			if part[s.beside] != piece {
				left[s.side] = true
				order = append(order, s.side)
			}
		}
	}
	point := func(corner int) orb.Point {
		return orb.Point{(r.west + float64(corner%across)) * r.side, (r.south + float64(corner/across)) * r.side}
	}
	var polygon orb.Polygon
	for _, start := range order { // the first is on the outer ring: no square lies farther south
		if !left[start] {
			continue
		}
		var ring orb.Ring
		at := start
		for {
			delete(left, at)
			next := at.corner + step[at.toward]
			turned := -1
			for _, turn := range []int{3, 0, 1} { // right, on, left
				if s := (side{next, (at.toward + turn) % 4}); left[s] || s == start {
					turned = turn
					break
				}
			}
			if turned != 0 {
				ring = append(ring, point(next))
			}
			at = side{next, (at.toward + turned) % 4}
			if at == start {
				break
			}
		}
		polygon = append(polygon, append(ring, ring[0]))
	}
	return polygon
}
