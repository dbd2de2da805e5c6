package scenario

import "kommunpilot/engine/demography"

// Area is a part of what a municipality does (verksamhetsområde), with what a
// person of each age costs in it.
type Area struct {
	Code, Name string
	// Price is kr per inhabitant and year by age, at the base year's level. Only
	// its form over the ages matters where a municipality's own cost is known.
	Price [demography.Ages]float64
	// Mean and SD are the prior of a merger's effect, as a share of the net cost.
	Mean, SD float64
	Low      float64 // least effect, 0: no bound
	High     float64
	Evidence []string
	// Submodel is the part of the cost equalisation that the area drives.
	Submodel string
}

type price struct {
	from, to int
	kr       float64
}

func prices(p ...price) (out [demography.Ages]float64) {
	for _, v := range p {
		for a := v.from; a <= v.to; a++ {
			out[a] = v.kr
		}
	}
	return out
}

// DefaultAreas are the areas with assumed prices by age: round figures of our
// own that add up to a municipality's net cost of some 58 000 kr per inhabitant
// in 2019. No Swedish price list has been confirmed; an own one is read from
// age_price.csv.
func DefaultAreas() []Area {
	school := []string{"E1", "E2"}
	return []Area{
		{Code: "administration", Name: "Politik och administration", Price: prices(price{0, 100, 4500}), Mean: -0.05, SD: 0.05, Low: -0.20, High: 0.10, Evidence: []string{"E2", "E3", "E4", "E5", "E6", "E9", "E11", "E16"}, Submodel: "verksamhetsövergripande kostnader"},
		{Code: "gator", Name: "Gator och vägar", Price: prices(price{0, 100, 3000}), Mean: -0.03, SD: 0.03, Evidence: []string{"E2", "E22"}, Submodel: "infrastruktur och skydd"},
		{Code: "forskola", Name: "Förskola", Price: prices(price{1, 5, 125000}), SD: 0.015, Evidence: school, Submodel: "förskola, fritidshem och annan pedagogisk verksamhet"},
		{Code: "grundskola", Name: "Grundskola och fritidshem", Price: prices(price{6, 15, 115000}), SD: 0.015, Evidence: school, Submodel: "förskoleklass och grundskola"},
		{Code: "gymnasium", Name: "Gymnasieskola", Price: prices(price{16, 18, 115000}), SD: 0.015, Evidence: school, Submodel: "gymnasieskola"},
		{Code: "aldreomsorg", Name: "Äldreomsorg", Price: prices(price{65, 79, 20000}, price{80, 89, 105000}, price{90, 100, 260000}), SD: 0.015, Evidence: school, Submodel: "äldreomsorg"},
		{Code: "lss", Name: "Stöd enligt LSS", Price: prices(price{0, 64, 7000}, price{65, 100, 1000}), SD: 0.015, Evidence: school},
		{Code: "ifo", Name: "Individ- och familjeomsorg, arbetsmarknad, vuxenutbildning", Price: prices(price{0, 19, 5000}, price{20, 64, 7000}, price{65, 100, 1000}), Mean: 0.01, SD: 0.03, Evidence: []string{"E1"}, Submodel: "individ- och familjeomsorg"},
		{Code: "raddningstjanst", Name: "Räddningstjänst", Price: prices(price{0, 100, 900}), SD: 0.03, Evidence: []string{"E25", "E26"}},
		{Code: "kultur", Name: "Kultur och fritid", Price: prices(price{0, 100, 3500}), SD: 0.03, Evidence: []string{"E25", "E26"}},
		{Code: "ovrigt", Name: "Övrigt (bl.a. kollektivtrafik och det som avgifter inte täcker av vatten och avfall)", Price: prices(price{0, 100, 1500}), SD: 0.03, Evidence: []string{"E25", "E26"}},
	}
}
