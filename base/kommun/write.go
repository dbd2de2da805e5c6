package kommun

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteTo writes the edition in the layout that Parse reads: the
// municipalities of today, the ended codes, then earlier names. The same
// register gives the same bytes.
func (r *Register) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	_ = c.Write(header) // a bytes.Buffer takes everything
	for _, k := range slices.Concat(r.all, r.ended, r.earlier) {
		_ = c.Write(row(r.edition, k))
	}
	c.Flush()
	return b.WriteTo(w)
}

// row is a municipality's fields in the order of the header.
func row(edition string, k Kommun) []string {
	now := k.ValidTo == ""
	return []string{
		edition, k.Code, k.Name, k.FullName, k.County, k.CountyName, k.MainGroup, k.SubGroup, k.SubGroupName,
		whole(k.Population2019, false), whole(k.Population, now), decimal(k.LandKm2), k.MainLocality, decimal(k.Lat), decimal(k.Lon),
		k.LabourMarket, k.FARegion, string(k.ValidFrom), string(k.ValidTo),
		strings.Join(k.Predecessors, "+"), strings.Join(k.Successors, "+"),
	}
}

// whole writes a number; zero is left out unless it must be there.
func whole(n int, must bool) string {
	if n == 0 && !must {
		return ""
	}
	return strconv.Itoa(n)
}

// decimal writes a number with the digits that it has; zero is no number.
func decimal(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
