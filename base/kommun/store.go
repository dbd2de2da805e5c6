package kommun

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
)

//go:embed schema
var schema embed.FS

// Schema is the register's migrations, for db.Migrate.
func Schema() fs.FS { return db.Sub(schema) }

const storedColumns = `code, name, full_name, county_code, county_name, main_group, sub_group, sub_group_name,
	population_2019, population, land_km2, main_locality, lat, lon, labour_market, fa_region,
	valid_from, valid_to, predecessors, successors`

// Load gives an edition as it is stored, or the embedded one where that is the
// edition asked for and none has replaced it; fail.NotFound for any other. It
// reads about 300 rows: keep the result.
func Load(ctx context.Context, q db.Q, edition string) (*Register, error) {
	all, err := db.All(ctx, q, scan, `SELECT `+storedColumns+` FROM register_kommun WHERE edition = ? ORDER BY code, valid_from`, edition)
	switch {
	case err != nil:
		return nil, err
	case len(all) > 0:
		return newRegister(edition, all), nil
	case edition == Default().Edition():
		return Default(), nil
	}
	return nil, fail.Newf(fail.NotFound, "Registret har ingen utgåva %s.", edition)
}

// Editions lists the editions there are, the embedded one included, by name.
func Editions(ctx context.Context, q db.Q) ([]string, error) {
	all, err := db.Values[string](ctx, q, `SELECT edition FROM register_edition`)
	if !slices.Contains(all, Default().Edition()) {
		all = append(all, Default().Edition())
	}
	slices.Sort(all) // in Go: the databases order text differently
	return all, err
}

// Save stores the edition whole, in place of the one of the same name. It
// writes no audit entry: the act that calls it does. The error is the
// database's. O(n) statements.
func Save(ctx context.Context, tx *db.Tx, r *Register) error {
	if _, err := tx.Exec(ctx, `DELETE FROM register_kommun WHERE edition = ?`, r.edition); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO register_edition (edition, imported_at) VALUES (?, ?)
		ON CONFLICT (edition) DO UPDATE SET imported_at = excluded.imported_at`, r.edition, tx.Now()); err != nil {
		return err
	}
	for _, k := range slices.Concat(r.all, r.ended, r.earlier) {
		if _, err := tx.Exec(ctx, `INSERT INTO register_kommun (edition, `+storedColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.edition, k.Code, k.Name, k.FullName, k.County, k.CountyName, k.MainGroup, k.SubGroup, k.SubGroupName,
			k.Population2019, k.Population, k.LandKm2, k.MainLocality, k.Lat, k.Lon, k.LabourMarket, k.FARegion,
			string(k.ValidFrom), string(k.ValidTo), strings.Join(k.Predecessors, "+"), strings.Join(k.Successors, "+")); err != nil {
			return err
		}
	}
	return nil
}

func scan(r db.Row) (k Kommun, err error) {
	var from, to, predecessors, successors string
	err = r.Scan(&k.Code, &k.Name, &k.FullName, &k.County, &k.CountyName, &k.MainGroup, &k.SubGroup, &k.SubGroupName,
		&k.Population2019, &k.Population, &k.LandKm2, &k.MainLocality, &k.Lat, &k.Lon, &k.LabourMarket, &k.FARegion,
		&from, &to, &predecessors, &successors)
	k.ValidFrom, k.ValidTo = calendar.Date(from), calendar.Date(to)
	k.Landsdel = landsdelOf[k.County]
	k.Predecessors, k.Successors = split(predecessors), split(successors)
	return k, err
}

// split parts codes that are joined by +; nil for none.
func split(codes string) []string {
	if codes == "" {
		return nil
	}
	return strings.Split(codes, "+")
}
