package example

// The themes below share the parts that are alike in every project.

// shaped is a theme with what most projects have in common filled in.
func shaped(t Theme) Theme {
	t.Orderer, t.Recipient = "Kommunstyrelsen", "Kommunstyrelsen"
	t.Out = []string{"Det som andra beslutade projekt gör"}
	t.Signed = []Letter{{Party: "Projektägaren", Brief: "Projektplan"}, {Party: "Deltagande förvaltningar", Brief: "Överenskommelse om resurser"}}
	t.Questions = []string{"Används stödet av dem som det är till för?", "Vilka resultat går att räkna?", "Vad behövs för att arbetet ska fortsätta efter projektet?"}
	t.Findings = []string{"De som var med från början använder arbetssättet; de som kom till senare behöver stöd.", "Resultaten går att räkna, men källorna förs på olika sätt.", "Cheferna känner till projektet bättre än medarbetarna gör."}
	t.Cooperation = []string{"Grupperna får underlagen i tid. De som berörs men inte sitter i någon grupp nås sent.", "Samverkan vilar på några få personer; gemensamma möten bör bli fler."}
	t.Answers = []string{"Ja, i huvudsak.", "Delvis; underlaget är ännu litet.", "Det skiljer sig mellan förvaltningarna."}
	t.Evidence, t.Method = "Intervjuer och projektets mätvärden", "Räknat ur källan varje kvartal"
	t.Letters = []Letter{
		{Direction: "in", Party: "En granne till kommunen", Brief: "Fråga om att få ta del av arbetssättet"}, {Direction: "ut", Party: "Förvaltningarna", Brief: "Begäran om underlag"},
		{Direction: "upprättad", Party: "Arbetsgruppen", Brief: "Rutin, ny version", Mirror: "UHB"}, {Direction: "in", Party: "En leverantör", Brief: "Prisuppgift", Secrecy: "OSL 19:3"}, {Direction: "in", Party: "Revisionen", Brief: "Frågor om uppföljningen"},
	}
	t.Summaries = []string{"Arbetet följer planen.", "Kvartalet har gått åt till det som är svårast. Takten ökar nästa kvartal.", "Fler är med än vi räknade med; underlaget blir bättre."}
	t.Comms = []Comm{
		{"Chefer i förvaltningarna", "kännedom", "Vad projektet gör", "Utse kontaktpersoner", "Vi börjar i det lilla och bygger på det som fungerar", "arbetsgruppsmöte", "Antal kontaktpersoner"},
		{"Medarbetare", "förståelse", "Vad som ändras i vardagen", "Prova det nya arbetssättet", "Det nya arbetssättet sparar tid för dig", "webbsida", "Antal som har provat"},
		{"Förtroendevalda", "intresse", "Vilka resultat som syns", "Fråga efter uppföljningen", "Resultaten går att följa varje kvartal", "nyhetsbrev", "Antal läsare"},
	}
	return t
}

var premises = shaped(Theme{
	Name: "Lokaler som räcker", Purpose: "Kommunen planerar sina lokaler i god tid, tillsammans med dem som använder dem.", Budget: 1_800_000,
	In: []string{"Förskolor och skolor", "Kontor", "Särskilda boenden"}, Dependencies: []string{"Översiktsplanen, stadsbyggnadsförvaltningen", "Befolkningsprognosen, kommunledningen"},
	Groups: []Group{{Name: "Arbetsgrupp Behov", Mandate: "Samlar verksamheternas behov på tio års sikt."}, {Name: "Arbetsgrupp Ekonomi", Mandate: "Räknar på hyror, ytor och tomma lokaler."}},
	Vision: "Rätt lokal på rätt plats i rätt tid", Aim: "Behov och ytor möts i en gemensam plan", Overall: "Färre tomma och färre trånga lokaler", Target: "En lokalplan på tio år är klar för beslut",
	Subs: []Sub{
		{Text: "Behoven är samlade och jämförbara", Indicator: "Verksamheter med beskrivet behov", Unit: "verksamheter", Source: "Behovslistan", Target: 24},
		{Text: "Tomma ytor är kända och används", Indicator: "Andel tom yta", Unit: "%", Numerator: "Yta utan verksamhet", Denominator: "All yta", Source: "Fastighetssystemet", Baseline: 12, Target: 5, Missed: true, Why: "En skola blev tom sent i projektet; den får ny verksamhet året efter."},
		{Text: "Besluten fattas i tid", Indicator: "Beslut fattade före sista dag", Unit: "beslut", Source: "Diariet", Target: 16},
	},
	Risks: []Risk{
		{Cause: "Prognosen ändras", Event: "Planerad förskola behövs inte", Effect: "Pengar binds i fel lokal", Response: "Ny prognos varje år", Occurred: "Årets prognos visar färre barn i ett område.", Remedied: "Lokalen byggs så att den kan användas som skola."},
		{Cause: "Byggpriser stiger", Event: "Ombyggnad blir dyrare", Effect: "Planen ryms inte i budgeten", Response: "Räkna på två alternativ"},
		{Cause: "Många är inblandade", Event: "Behoven kommer för sent", Effect: "Planen blir gammal", Response: "Fast kalender för behov"},
	},
	Handover: "Lokalplanen överlämnad till kommunstyrelsen",
	Log:      []Entry{{"aktivitet", "Behovsmöte med förskolans rektorer"}, {"händelse", "En hyresvärd har sagt upp ett kontrakt"}, {"kontakt", "Studiebesök i en annan kommun"}, {"aktivitet", "Ytorna i två hus är mätta om"}, {"ekonomi", "Hyreskostnaden är lägre än budgeterat"}, {"kontakt", "Samtal med stadsbyggnadsförvaltningen om detaljplaner"}, {"händelse", "En skola är inflyttad"}},
	Actions:  []string{"Mät ytorna i stadshuset", "Hämta årets prognos", "Räkna på samnyttjande", "Fråga verksamheterna om behov", "Gå igenom hyreskontrakten", "Skriv utkast till lokalplan"},
	Approved: Change{What: "Särskilda boenden tas med i mätningen av ytor", Why: "Behoven där ändras snabbast.", Prepared: "Mätningen görs av samma konsult inom sex veckor.", Opinion: "Ägaren tillstyrker.", Kronor: 90_000, Goal: 1, GoalText: "Behoven är samlade och jämförbara, också för särskilda boenden"},
	Refused:  Change{What: "Ett nytt it-stöd för ytor", Why: "Ytorna förs i flera listor.", Prepared: "Ett it-stöd kostar mer än resten av projektet.", Opinion: "Ägaren avstyrker.", Kronor: 1_500_000, Reason: "Styrgruppen avslår ändringen: it-stödet hör till linjens budget."},
})

var digital = shaped(Theme{
	Name: "Digitalt först i ärenden", Purpose: "Invånare ska kunna följa sitt ärende själva, och handläggare slippa skriva samma sak två gånger.", Budget: 3_100_000,
	In: []string{"Bygglov", "Ekonomiskt bistånd", "Skolskjuts"}, Dependencies: []string{"Den gemensamma e-tjänsteplattformen, it-enheten", "Arkivets krav, kommunarkivet"},
	Groups: []Group{{Name: "Arbetsgrupp Tjänster", Mandate: "Beskriver och prövar tjänsterna med invånare."}, {Name: "Arbetsgrupp Information", Mandate: "Håller ihop begrepp, gallring och säkerhet."}},
	Vision: "Det är lätt att ha med kommunen att göra", Aim: "Samma uppgift lämnas en gång", Overall: "Handläggningstiden blir kortare", Target: "Tre e-tjänster är i drift och förvaltade",
	Subs: []Sub{
		{Text: "Ärenden kommer in digitalt", Indicator: "Andel digitala ärenden", Unit: "%", Numerator: "Ärenden som kom in genom e-tjänst", Denominator: "Alla ärenden", Source: "Ärendesystemet", Baseline: 31, Target: 75},
		{Text: "Handläggningen går snabbare", Indicator: "Dagar från ansökan till beslut", Unit: "dagar", Source: "Ärendesystemet", Baseline: 42, Target: 25, Missed: true, Why: "Tiden sjönk men nådde inte målet; kompletteringar tar fortfarande lång tid."},
		{Text: "Invånare är nöjda med tjänsterna", Indicator: "Invånare som har prövat tjänsterna", Unit: "personer", Source: "Användartesterna", Target: 120},
	},
	Risks: []Risk{
		{Cause: "Plattformen byts", Event: "Tjänsterna får byggas om", Effect: "Projektet försenas", Response: "Håll tjänsterna enkla", Occurred: "Leverantören avslutar den gamla plattformen i förtid.", Remedied: "Två tjänster är flyttade; den tredje byggs direkt i den nya."},
		{Cause: "Alla kan inte legitimera sig", Event: "Några stängs ute", Effect: "Ärenden kommer på papper ändå", Response: "Behåll andra vägar in"},
		{Cause: "Information gallras olika", Event: "Handlingar saknas", Effect: "Insynen brister", Response: "Gallringsbeslut före driftsättning"},
	},
	Handover: "Tjänsterna överlämnade till förvaltning",
	Log:      []Entry{{"aktivitet", "Användartest med invånare"}, {"händelse", "Första e-tjänsten är i drift"}, {"kontakt", "Möte med kommunarkivet om gallring"}, {"aktivitet", "Begreppslistan är genomgången"}, {"kontakt", "Erfarenhetsutbyte med tre kommuner"}, {"ekonomi", "Licenskostnaden är omförhandlad"}, {"händelse", "Driftstopp en förmiddag"}},
	Actions:  []string{"Skriv om texterna i tjänsten", "Gör tillgänglighetstest", "Ta fram gallringsbeslut", "Utbilda handläggare", "Mät tiden till beslut", "Förbered överlämning till förvaltning"},
	Approved: Change{What: "Test med personer som inte talar svenska", Why: "Var femte som söker behöver tolk.", Prepared: "Tio tester på tre språk.", Opinion: "Ägaren tillstyrker.", Kronor: 120_000, Goal: 3, GoalText: "Invånare är nöjda med tjänsterna, på de språk de talar"},
	Refused:  Change{What: "En fjärde e-tjänst", Why: "Kulturskolan vill vara med.", Prepared: "Tjänsten ryms om slutdagen flyttas tre månader.", Opinion: "Ägaren avstyrker.", Days: 91, Reason: "Styrgruppen avslår ändringen: tre tjänster ska bli klara först."},
})

var school = shaped(Theme{
	Name: "Hela vägen till skolan", Purpose: "Barn ska kunna ta sig till skolan tryggt, och fler ska gå eller cykla.", Budget: 1_100_000,
	In: []string{"Grundskolor i tätorten", "Skolskjuts på landsbygden"}, Dependencies: []string{"Trafikplanen, trafikförvaltningen", "Skolskjutsavtalet, utbildningsförvaltningen"},
	Groups: []Group{{Name: "Arbetsgrupp Trafik", Mandate: "Föreslår och följer upp åtgärder vid skolorna."}, {Name: "Arbetsgrupp Skola", Mandate: "Arbetar med elever, vårdnadshavare och rektorer."}},
	Vision: "Alla barn kommer tryggt till skolan", Aim: "Skola och trafik planeras tillsammans", Overall: "Fler barn går och cyklar", Target: "En plan för varje skola är klar för beslut",
	Subs: []Sub{
		{Text: "Varje skola har en plan", Indicator: "Skolor med plan", Unit: "skolor", Source: "Projektets logg", Target: 18},
		{Text: "Fler går och cyklar", Indicator: "Andel elever som går eller cyklar", Unit: "%", Numerator: "Elever som svarar att de går eller cyklar", Denominator: "Elever som har svarat", Source: "Resvaneundersökningen", Baseline: 44, Target: 60},
		{Text: "Platser som känns otrygga är åtgärdade", Indicator: "Åtgärdade platser", Unit: "platser", Source: "Trafikförvaltningens lista", Target: 30, Missed: true, Why: "Sju platser väntar på statens beslut om väghållning."},
	},
	Risks: []Risk{
		{Cause: "Statliga vägar", Event: "Åtgärder får inte göras", Effect: "Platser förblir otrygga", Response: "Tidiga samtal med väghållaren", Occurred: "Väghållaren säger nej till två övergångsställen.", Remedied: "Skyltar och vakter prövas i stället under ett läsår."},
		{Cause: "Vintern", Event: "Färre cyklar", Effect: "Mätningen visar fel", Response: "Mät samma vecka varje år"},
		{Cause: "Rektorer byts", Event: "Planen tappas bort", Effect: "Arbetet börjar om", Response: "Två kontaktpersoner i varje skola"},
	},
	Handover: "Skolornas planer överlämnade till nämnderna",
	Log:      []Entry{{"aktivitet", "Gåtur med elever vid två skolor"}, {"kontakt", "Möte med föräldraföreningar"}, {"händelse", "En ny gångväg är öppnad"}, {"aktivitet", "Enkäten är utskickad"}, {"kontakt", "Samtal med väghållaren"}, {"ekonomi", "Bidrag beviljat för cykelställ"}, {"händelse", "Skolstart med vakter vid fyra skolor"}},
	Actions:  []string{"Räkna cyklar vid skolorna", "Skriv plan för en skola", "Beställ skyltar", "Samla otrygga platser på karta", "Boka möte med rektorer", "Sammanställ enkäten"},
	Approved: Change{What: "Landsbygdens hållplatser tas med", Why: "Väntan vid vägen är det som flest vårdnadshavare tar upp.", Prepared: "Tjugo hållplatser gås igenom under våren.", Opinion: "Ägaren tillstyrker.", Kronor: 75_000, Goal: 3, GoalText: "Platser som känns otrygga är åtgärdade, också hållplatser på landsbygden"},
	Refused:  Change{What: "Gymnasiet tas med", Why: "Gymnasieelever reser längst.", Prepared: "Arbetet ryms om budgeten höjs.", Opinion: "Ägaren avstyrker.", Kronor: 400_000, Reason: "Styrgruppen avslår ändringen: projektet gäller grundskolan."},
})
