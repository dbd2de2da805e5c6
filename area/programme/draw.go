package programme

import (
	"fmt"

	"kommunpilot/base/kommun"
)

// mapBox is the map's view box.
var mapBox = fmt.Sprintf("0 0 %.0f %.0f", kommun.Width, kommun.Height)

func countyShapes() []kommun.Shape { return kommun.CountyShapes() }

func project(lat, lon float64) (x, y float64) { return kommun.Project(lat, lon) }
