package main

import (
	"context"
	"fmt"
	"strings"

	services "kommunpilot/area/service"
	"kommunpilot/base/calendar"
	"kommunpilot/engine/example"
)

// servicePoints reads a file of service points into the project.
func (p *player) servicePoints(ctx context.Context, l example.Line) (int64, error) {
	v, err := p.values(ctx, l)
	if err != nil {
		return 0, err
	}
	day, err := calendar.Parse(v.Get("day"))
	if err != nil {
		return 0, err
	}
	_, err = p.rooms.service.ImportPoints(ctx, p.project, "exempel.csv", []byte(v.Get("file")), v.Get("source"), day, "")
	return 0, err
}

// exampleService is a type of service and how many people a locality has for the
// example to put one there.
var exampleService = []struct {
	code, name string
	least      uint32
}{
	{"dagligvaror_full", "Livsmedelsbutik", 400}, {"dagligvaror_ej_full", "Närbutik", 215}, {"drivmedel_personbil", "Bensinstation", 500}, {"laddning", "Snabbladdare", 1900}, {"post_ombud", "Postombud", 550},
	{"post_paketautomat", "Paketautomat", 400}, {"apotek", "Apotek", 1600}, {"apoteksombud", "Apoteksombud", 600}, {"kontantuttag", "Uttagsautomat", 1700}, {"dagskassa", "Insättningsautomat", 3000}, {"betalningsformedling", "Betalservice", 1990},
	{"skola", "Grundskola", 400}, {"forskola", "Förskola", 300}, {"vardcentral", "Vårdcentral", 1600}, {"servicekontor", "Statligt servicekontor", 30000}, {"kommunkontor", "Kommunens kontor", 1990}, {"bibliotek", "Bibliotek", 800}, {"servicepunkt", "Servicepunkt", 30000},
}

// exampleMadeUp is what every place of the example says of its source.
const exampleMadeUp = "Påhittat för exemplet"

// servicePlaces are made-up places in real localities: the larger, the more.
func servicePlaces(codes []string) string {
	var b strings.Builder
	b.WriteString("id,type,name,lat,lon,kommun\n")
	for _, c := range services.Localities(codes...) {
		for i, x := range exampleService {
			// A small shop stands where there is no full one; an agent where there is no pharmacy.
			small := x.code == "dagligvaror_ej_full" && c.People >= 400 || x.code == "apoteksombud" && c.People >= 1600
			if c.People < x.least || small {
				continue
			}
			_, _ = fmt.Fprintf(&b, "%s-%s,%s,%s i %s,%.5f,%.5f,%s\n", c.ID, x.code, x.code, x.name, c.Name, c.Lat+0.0007*float64(i%5), c.Lon+0.0013*float64(i%7), c.Kommun)
		}
	}
	return b.String()
}

// serviceRoom is a joint pilot of seed 004 that has gone through a year: an
// inventory, a service plan that is adopted, a closure, and the first follow-up.
func (e *examples) serviceRoom(ctx context.Context) error {
	codes := []string{"2417", "2418", "2482"}
	people := map[string]string{example.Owner: "agare@tillvaxtverket.example", "handlaggare": "kontakt@2417.example", "företrädare": "foretradare@2417.example", "registrator": "registrator@tillvaxtverket.example"}
	t := &tale{today: e.today}
	t.on(-420, example.Owner)
	t.do("project", "projekt", said{"programme": "@program", "name": "Service i Norsjö, Malå och Skellefteå, genomfört exempel", "purpose": "Tre kommuner inventerar servicen tillsammans och gör en gemensam plan. Orterna och folkmängden är verkliga; serviceställena, planen och siffrorna i den är påhittade.",
		"orderer": "Kommunerna", "owner": "Norsjö kommun", "recipient": "Kommunfullmäktige i de tre kommunerna", "from": t.date(-420), "to": t.date(480), "members": []string{"@org:2417", "@org:2418", "@org:2482"}, "responsible": "Kommunkontakt, Norsjö", "contact": "service@norsjo.example"})
	t.on(-410, "handlaggare")
	fields := func(title string, day int) said {
		return said{"title": title, "places": []string{"2417", "2418", "2482"}, "day": t.date(day), "responsible": "Landsbygdsstrateg, Norsjö kommun", "km": "10", "note": "Exempel: serviceställena är påhittade och ligger i verkliga tätorter."}
	}
	t.do("inventory.add", "inventering1", fields("Inventering av servicen, första året", -405))
	t.do("service.points", "", said{"file": servicePlaces(codes), "source": exampleMadeUp, "day": t.date(-410)})
	t.on(-400, "handlaggare")
	t.move("inventering1", "inventory", services.Settled, "")
	t.do("servicetrial.add", "", said{"title": "En obemannad butik i Kusmark", "why": "Byn har frågat om en butik utan personal kan löna sig.", "inventory": "@inventering1", "type": "dagligvaror_ej_full", "open": exampleOpening("Kusmark")})
	t.do("serviceplan.add", "plan", said{"title": "Gemensam serviceplan för Norsjö, Malå och Skellefteå", "inventory": "@inventering1", "from": t.date(-200), "to": t.date(1260), "responsible": "Landsbygdsstrateg, Norsjö kommun",
		"aim":              "Den som bor i en by ska kunna handla, tanka och hämta paket utan att åka till centralorten. Kommunerna tar ansvar för helheten och gör avtal där marknaden inte räcker.",
		"text_dagligvaror": "Butikerna i byarna är också ombud och mötesplats. De som är ensamma på sin ort är de viktigaste att hjälpa.", "km_dagligvaror": "10", "share_dagligvaror": "97",
		"text_drivmedel": "Macken är en förutsättning för att kunna bo kvar. Laddning byggs ut där macken finns.", "km_drivmedel": "15", "share_drivmedel": "99",
		"text_post": "Paket ska gå att hämta i varje ort som har butik.", "km_post": "10", "share_post": "95",
		"text_apotek": "Apoteksombud i butik är det sätt som fungerar i byarna.", "km_apotek": "15", "share_apotek": "95",
		"text_betaltjanster": "Kontanter och betalningar ordnas hos handlaren.", "km_betaltjanster": "25", "share_betaltjanster": "97",
		"text_ovrigt": "Kommunens egen service läggs ihop med butikens där det går.",
		"budget":      "Planen är ett underlag till översiktsplanen och tas upp när budgeten görs, varje år i maj.", "until": t.date(-260), "asked": []string{"Byarnas utvecklingsgrupper", "Handlarna i kommunerna", "Region Västerbotten"},
		"body": "Kommunfullmäktige i de tre kommunerna", "adopted_on": t.date(-210)})
	for _, m := range []said{
		{"kind": services.Grocery, "title": "Gemensamt stöd till butiker som är ensamma på orten", "what": "Hemsändning, hjälp med energi och rådgivning.", "responsible": "Landsbygdsstrateg, Norsjö kommun", "cost": "450000", "financing": "Kommunerna, lika delar; en del söks som bidrag", "by": t.date(90)},
		{"kind": services.Post, "title": "Paketautomat i orter utan ombud", "what": "Avtal med två bolag om en gemensam plats vid butiken.", "responsible": "Näringslivschef, Skellefteå kommun", "cost": "120000", "financing": "Bolagen står för automaten, kommunen för platsen", "by": t.date(200)},
	} {
		m["plan"] = "@plan"
		t.do("servicemeasure.add", "åtgärd-"+m["kind"].(string), m)
	}
	t.do("serviceagreement.add", "avtal", said{"plan": "@plan", "kind": services.Pharmacy, "title": "Apoteksombud i Lövånger", "parties": []string{"Skellefteå kommun", "Handlaren i Lövånger (påhittad)", "Ett apoteksbolag (påhittat)"}, "ours": "Betalar hylla och utbildning.", "theirs": "Lämnar ut läkemedel de tider butiken har öppet.", "financing": "30 000 kronor om året, delas lika mellan kommunen och bolaget.", "from": t.date(-180), "to": t.date(915), "follow": "Möte varje höst; antal utlämningar räknas."})
	t.on(-320, "handlaggare")
	t.move("plan", "serviceplan", services.Consultation, "")
	t.do("serviceopinion.add", "svar", said{"plan": "@plan", "from": "Byarnas utvecklingsgrupper", "day": t.date(-280), "text": "Bra mål, men hemsändning behövs också där butiken finns kvar.", "reply": "Hemsändning är nu med i åtgärden om butiker som är ensamma på orten."})
	t.move("svar", "serviceopinion", services.Answered, "")
	t.on(-205, "registrator")
	t.do("matter.add", "ärende", said{"title": "Gemensam serviceplan", "code": "1.3", "responsible": "Registrator"})
	t.do("entry.add", "beslut", said{"matter": "@ärende", "series": "TVV", "direction": "in", "day": t.date(-205), "party": "Norsjö kommun", "brief": "Beslut att anta den gemensamma serviceplanen"})
	t.on(-204, "handlaggare")
	t.move("plan", "serviceplan", services.PlanDraft, "")
	t.do("serviceplan.change", "plan", said{"ref": fmt.Sprintf("TVV %d/1", e.today.AddDays(-205).Year()), "until": t.date(-190), "reason": "Beslutet är registrerat"})
	t.move("plan", "serviceplan", services.Consultation, "")
	t.on(-200, "företrädare")
	t.move("plan", "serviceplan", services.Adopted, "")
	t.on(-120, "handlaggare")
	t.move("åtgärd-"+services.Grocery, "servicemeasure", services.Ongoing, "")
	// A shop has closed when the next year's inventory is made.
	t.on(-40, "handlaggare")
	t.do("service.points", "", said{"file": closedShop(codes, t.date(-90)), "source": exampleMadeUp, "day": t.date(-40)})
	t.do("inventory.add", "inventering2", fields("Inventering av servicen, andra året", -40))
	t.move("inventering2", "inventory", services.Settled, "")
	t.do("servicefollowup.add", "", said{"plan": "@plan", "year": fmt.Sprint(e.today.AddDays(-40).Year()), "inventory": "@inventering2", "text": "En butik har stängt. Paketautomaterna är på plats i två orter.", "next": "Hemsändning till orten utan butik från nästa kvartal."})
	t.move("plan", "serviceplan", services.FollowedUp, "")
	t.on(-20, "handlaggare")
	t.do("inventory.add", "inventering3", fields("Inventering av servicen, pågår", -20))
	return e.stage(e.programmes["pilot"], people).play(ctx, example.InOrder(t.lines))
}

// exampleOpening is a locality as a form writes a place.
func exampleOpening(name string) string {
	for _, c := range services.Localities("2482") {
		if c.Name == name {
			return fmt.Sprintf("%.5f, %.5f", c.Lat, c.Lon)
		}
	}
	return ""
}

// closedShop is the file of a shop that has closed: the one in Jörn.
func closedShop(codes []string, last string) string {
	for _, line := range strings.Split(servicePlaces(codes), "\n") {
		if strings.Contains(line, "Livsmedelsbutik i Jörn") {
			return "id,type,name,lat,lon,kommun,giltig_till\n" + line + "," + last + "\n"
		}
	}
	return ""
}
