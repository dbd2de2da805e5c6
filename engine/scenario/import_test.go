package scenario

import (
	"math"
	"strings"
	"testing"

	"kommunpilot/engine/dataset"
)

func table(t *testing.T, name string, lines ...string) *dataset.Table {
	t.Helper()
	got, report := dataset.Read("", name, []byte(strings.Join(lines, "\n")+"\n"), dataset.Context{})
	if got == nil {
		t.Fatalf("%s: %s", name, report.CSV())
	}
	return got
}

// Imported accounts take the place of the proxies, for the municipalities that
// they have, and the result says what it rests on.
func TestImportedFilesMakeTheBaseYearTheirs(t *testing.T) {
	c := carried(t)
	at, _ := c.Find("1983")
	before := c.Units[at]
	var cost []string
	for _, a := range DefaultAreas() {
		cost = append(cost, "1983,2019,"+a.Code+",150000,300,90000")
	}
	d, used, err := c.With([]*dataset.Table{
		table(t, "cost_net.csv", append([]string{"kommun,ar,omrade_kod,nettokostnad_tkr,personal_fte,lonekostnad_tkr"}, cost...)...),
		table(t, "taxrate.csv", "kommun,ar,skattesats_kommun,skattesats_region", "1983,2019,21.50,10.88"),
		table(t, "taxbase.csv", "kommun,inkomstar,skatteunderlag_kr", "1983,2017,5000000000"),
		table(t, "equalisation.csv", "kommun,ar,iu,ku,sb,ib,rb,lss", "1983,2019,10000,1500,0,0,702,300"),
		table(t, "electorate.csv", "kommun,ar,rostberattigade,valdeltagande", "1983,2018,19800,85.1"),
		table(t, "county_rates.csv", "lan,ar,t_bidrag,t_avgift,sfs", "19,2019,20.19,18.00,2019:797"),
		table(t, "transition_cost.csv", "antal_kommuner,inv_fran,inv_till,belopp_kr", "3,0,80000,77000000"),
		table(t, "distance.csv", "kommun_a,kommun_b,minuter_centralort", "1983,1984,20"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(used, "\n"); !strings.Contains(text, "distance.csv: kontrollerad; beräkningen använder inte") || len(used) != 8 {
		t.Errorf("%s", text)
	}
	if got := c.Units[at]; got.Rate != before.Rate || got.NetCost != nil {
		t.Error("the carried country was changed")
	}
	u := &d.Units[at]
	if u.Rate != 21.5 || math.Abs(u.Grants/u.Before-12502) > 1e-6 || u.NetCost["gator"] != 150e6 || *u.Electorate != 19800 || math.Abs(u.Base-5e9*carriedUprating) > 1 {
		t.Errorf("%+v", u)
	}
	p := example(t)
	r, err := Run(d, p, Options{Draws: 20, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	// What was spent, not what would balance: 11 areas of 150 mkr.
	b, _ := r.Variants[0].Get(r.Variants[0].Unit("1983"), 0, NetCost)
	people, _ := r.Variants[0].Get(r.Variants[0].Unit("1983"), 0, Population)
	if want := 11 * 150e6 / people.Mean; math.Abs(b.Mean-want) > 1 {
		t.Errorf("net cost %.0f kr per inhabitant, %.0f was imported", b.Mean, want)
	}
	if one := r.OneOff["en-kommun"]; math.Abs(one.Mean-77e6) > 8e6 {
		t.Errorf("one-off cost %.0f, the table says 77 million", one.Mean)
	}
	if _, _, err := c.With([]*dataset.Table{table(t, "taxrate.csv", "kommun,ar,skattesats_kommun,skattesats_region", "1983,2019,21.50,10.88"), table(t, "taxrate.csv", "kommun,ar,skattesats_kommun,skattesats_region", "1984,2019,21.50,10.88")}); err == nil {
		t.Error("two files of one kind were taken")
	}
}

// A population of another year than the carried one moves the base year.
func TestImportedPopulationDecidesTheBaseYear(t *testing.T) {
	c := carried(t)
	var b strings.Builder
	b.WriteString("kommun,ar,kon,alder,antal\n")
	write := func(year string, pop [][202]float64, grow float64) {
		for i := range pop {
			for cell, n := range pop[i] {
				sex, age := "K", cell
				if cell >= 101 {
					sex, age = "M", cell-101
				}
				b.WriteString(c.Units[i].Code + "," + year + "," + sex + "," + num0(age) + "," + num0(int(n*grow+0.5)) + "\n")
			}
		}
	}
	write("2019", c.Model.Pop, 1)
	write("2020", c.Model.Pop, 1.01)
	got, report := dataset.Read("", "population.csv", []byte(b.String()), dataset.Context{})
	if got == nil {
		t.Fatalf("%.400s", report.CSV())
	}
	d, _, err := c.With([]*dataset.Table{got})
	if err != nil {
		t.Fatal(err)
	}
	if d.Base != 2020 || d.Rules.Year != 2020 || d.Model.Base != 2020 {
		t.Errorf("base %d, rules %d, model %d", d.Base, d.Rules.Year, d.Model.Base)
	}
	p, problems := Parse(d, []byte(strings.Replace(Example, "basår = 2019", "basår = 2020", 1)))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	r, err := Run(d, p, Options{Draws: 10, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if rate, _ := r.Variants[0].Get(0, 0, RequiredRate); math.Abs(rate.Mean-22.16) > 1e-3 {
		t.Errorf("the base year needs %.3f", rate.Mean)
	}
}

func num0(n int) string { return num(float64(n)) }
