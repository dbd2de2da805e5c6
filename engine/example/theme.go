package example

// Theme is what a project is about: the words of its story. All of it is made
// up; see the package comment.
type Theme struct {
	Name, Purpose, Orderer, Recipient string
	Budget                            int // kronor
	In, Out, Dependencies             []string
	Groups                            []Group
	Vision, Aim, Overall, Target      string
	Subs                              []Sub
	Signed                            []Letter // at the start
	Risks                             []Risk   // the first occurs
	Questions, Findings, Answers      []string
	Cooperation                       []string // what the researcher says of it
	Evidence, Method, Handover        string
	Comms                             []Comm
	Log                               []Entry
	Actions, Summaries                []string
	Letters                           []Letter
	Approved, Refused                 Change
}

// Group is a working group; Side and Moments are the support function's.
type Group struct {
	Name, Mandate, Side string
	Moments             []string
}

// Sub is a sub-goal with its indicator. Missed: the target is not reached, Why
// says why.
type Sub struct {
	Text, Indicator, Unit, Numerator, Denominator, Source string
	Baseline, Target                                      int
	Missed                                                bool
	Why                                                   string
}

// Risk is a risk; Occurred and Remedied are what is said if it occurs.
type Risk struct{ Cause, Event, Effect, Response, Occurred, Remedied string }

// Letter is a document of the diarium.
type Letter struct{ Direction, Party, Brief, Mirror, Secrecy string }

// Comm is a row of the communication plan.
type Comm struct{ Audience, Step, Know, Do, Message, Channel, Measure string }

// Entry is a line of the log.
type Entry struct{ Kind, What string }

// Change is a change request. Goal is the number of the sub-goal that gets
// another text, 0 for none; Days moves the project's last day.
type Change struct {
	What, Why, Prepared, Opinion, GoalText, Reason string
	Kronor, Days, Goal                             int
}

// Themes are what generated projects are about; the first is that of seed 003.
var Themes = []Theme{Procurement, premises, digital, school}

var fourMoments = []string{"inför upphandling", "under anbudstiden", "i samband med kontrakt", "under kontraktstiden"}

// Procurement is the support function for social consideration in procurement.
var Procurement = Theme{
	Name: "Stödfunktion för social hänsyn", Purpose: "Förvaltningar, bolag och leverantörer får stöd så att personer långt från arbetsmarknaden får arbete genom upphandlingar.",
	Orderer: "Kommunstyrelsen", Recipient: "Kommunstyrelsen", Budget: 2_400_000,
	In:           []string{"Anställning och sysselsättning", "Arbetstagares rättigheter", "Social integration", "Lika möjligheter"},
	Out:          []string{"Markanvisning och försäljning av fastigheter", "Etisk upphandling som inte rör målet"},
	Dependencies: []string{"Stadens upphandlingsprocess, upphandlingsbolaget", "Samordningsförbundens insatser"},
	Groups: []Group{
		{Name: "Arbetsgrupp Modell", Mandate: "Bereder modellen för uppföljning och håller ihop de tre processerna.", Moments: fourMoments},
		{Name: "Arbetsgrupp Upphandling", Mandate: "Bollplank i varje upphandling, så att kraven håller rättsligt.", Side: "blå", Moments: fourMoments[:3]},
		{Name: "Arbetsgrupp Målgrupper", Mandate: "Förbereder deltagare tillsammans med distrikt och myndigheter.", Side: "grön", Moments: fourMoments[1:]},
	},
	Vision: "En stad där upphandling öppnar vägar till arbete", Aim: "Stödfunktionen gör det lätt att ställa och nå krav på anställning",
	Overall: "Hälften av tjänsteupphandlingarna görs med social hänsyn", Target: "En modell är klar för beslut i kommunstyrelsen",
	Subs: []Sub{
		{Text: "Begreppen är definierade och åtskilda", Indicator: "Beslutade definitioner", Unit: "definitioner", Source: "Projektets logg", Target: 6},
		{Text: "De tre processerna är beskrivna och hänger ihop", Indicator: "Block med utsedda ansvariga", Unit: "block", Source: "Processkartorna", Target: 19},
		{Text: "Planerade upphandlingar presenteras tidigt i en bruttolista", Indicator: "Andel tjänsteupphandlingar med social hänsyn", Unit: "%", Numerator: "Tjänsteupphandlingar i bruttolistan med krav på anställning", Denominator: "Alla tjänsteupphandlingar i bruttolistan", Source: "Bruttolistan", Baseline: 4, Target: 50, Missed: true, Why: "Andelen stannade under hälften: flera stora upphandlingar sköts upp till efter projektet."},
		{Text: "Uppföljningen visar resultat för deltagare och kontrakt", Indicator: "Personer som har fått anställning", Unit: "personer", Source: "Kontraktsuppföljningen", Target: 60},
	},
	Signed: []Letter{{Party: "Upphandlingsbolaget", Brief: "Projektplan"}, {Party: "Samordningsförbunden", Brief: "Avtal om ansvarsfördelning"}},
	Risks: []Risk{
		{Cause: "Upphandlingar väntar på politiska beslut", Event: "För få upphandlingar startar", Effect: "Målet om hälften nås inte i tid", Response: "Presentera planerade upphandlingar tidigare", Occurred: "Tre stora upphandlingar sköts upp ett halvår.", Remedied: "Mindre upphandlingar har tagits in i stället, och bruttolistan ses över varje månad."},
		{Cause: "Matchningen tar tid", Event: "Platser står tomma", Effect: "Leverantörer tappar förtroende", Response: "Gemensam yta för matchning"},
		{Cause: "Begreppet uppfattas olika", Event: "Villkoren skrivs olika", Effect: "Uppföljningen går inte att jämföra", Response: "Definitioner i arbetsordningen"},
		{Cause: "Få personer kan metoden", Event: "Stödet hinner inte med", Effect: "Förvaltningar väntar med kraven", Response: "Utbilda en stödperson i varje förvaltning"},
	},
	Questions:   []string{"Räcker stödet till dem som upphandlar?", "Räcker stödet till leverantörerna?", "Är deltagarnas förberedelse kvalitetssäkrad och anpassad?", "Får deltagarna rätt stöd på rätt nivå?", "Vilka resultat går att räkna?", "Är kraven på leverantörerna rimliga?", "Vilka andra åtgärder behövs?"},
	Findings:    []string{"Stödet används mest före annonseringen. Efter kontraktet är ansvaret mindre tydligt.", "De som har haft en egen kontaktperson är nöjdare än de som har ringt en gemensam funktion.", "Kraven följs upp i de flesta kontrakt, men på olika sätt."},
	Cooperation: []string{"Grupperna får underlagen i tid, men distrikten nås sent; bjud in dem tidigare.", "Nyhetsbrevet läses av fler än i förra delrapporten. Samverkan med leverantörerna vilar på få personer.", "Samverkan mellan de två sidorna fungerar när de möts; gemensamma möten bör bli fler."},
	Answers:     []string{"Ja, i huvudsak.", "Delvis; underlaget är ännu litet.", "Det skiljer sig mellan förvaltningarna.", "Inte än. Frågan tas upp i nästa delrapport."},
	Evidence:    "Intervjuer, bruttolistan och kontraktsuppföljningen", Method: "Räknat ur bruttolistan och kontrakten", Handover: "Förslag till modell för social hänsyn överlämnat till kommunstyrelsen",
	Comms: []Comm{
		{"Upphandlande förvaltningar och bolag", "förståelse", "Vilket stöd som finns", "Presentera planerade upphandlingar tidigt", "Vi hjälper er från planering till uppföljning", "arbetsgruppsmöte", "Antal upphandlingar i bruttolistan"},
		{"Leverantörer", "intresse", "Vad villkoren kräver", "Fråga före anbudet", "Ni får kandidater som är förberedda", "webbsida", "Antal frågor före anbud"},
		{"Distrikt och myndigheter", "engagemang", "När platser blir lediga", "Föreslå kandidater", "Det finns platser att söka tillsammans", "nyhetsbrev", "Antal föreslagna kandidater"},
	},
	Log: []Entry{
		{"aktivitet", "Arbetsgrupperna har planerat kvartalets möten"}, {"kontakt", "Möte med samordningsförbunden om förberedelser"}, {"händelse", "En upphandling med krav på anställning är annonserad"},
		{"aktivitet", "Processkartan för målgrupper är genomgången"}, {"kontakt", "Branschorganisationerna har lämnat synpunkter på villkoren"}, {"händelse", "Två deltagare har gått från praktik till anställning"},
		{"ekonomi", "Kostnaderna följer budgeten"}, {"aktivitet", "Kompetensmatrisen har prövats i en upphandling till"}, {"kontakt", "En leverantör har visat hur handledningen går till"},
		{"händelse", "En upphandling är avbruten och görs om"}, {"aktivitet", "Mallen för särskilda kontraktsvillkor är uppdaterad"}, {"kontakt", "Frågestund för förvaltningar som inte är med i pilotprojektet"},
	},
	Actions:   []string{"Skriv förslag till arbetsordning", "Ta fram bruttolistan för nästa år", "Gå igenom kontrakten som löper ut", "Samla frågor från leverantörerna", "Boka utbildning för stödpersoner", "Jämför uppföljningen mellan förvaltningar", "Uppdatera processkartan", "Förbered delrapportens underlag"},
	Summaries: []string{"Arbetet följer planen. Matchningen är det som tar mest tid.", "Fler upphandlingar har kommit in i bruttolistan. Uppföljningen behöver bli mer lika.", "Kvartalet har gått åt till kontraktsvillkoren. Nästa kvartal ligger tyngdpunkten på deltagarna."},
	Letters: []Letter{
		{Direction: "in", Party: "En leverantör", Brief: "Synpunkter på kontraktsvillkor", Secrecy: "OSL 19:3"}, {Direction: "ut", Party: "Förvaltningar och bolag", Brief: "Förfrågan om planerade upphandlingar"},
		{Direction: "upprättad", Party: "Arbetsgrupp Modell", Brief: "Arbetsordning, ny version", Mirror: "UHB"}, {Direction: "in", Party: "Arbetsförmedlingen", Brief: "Svar om anvisning av deltagare"},
		{Direction: "upprättad", Party: "Samordningsförbunden", Brief: "Tillägg till avtal", Mirror: "UHB"},
	},
	Approved: Change{What: "En handledare till i matchningen", Why: "Platser väntar på kandidater. Fler handledare gör att matchningen hinner med.", Prepared: "En handledare på halvtid under resten av projektet. Andra lösningar prövades i arbetsgruppen.", Opinion: "Ägaren tillstyrker; medlen ryms i bolagets budget.", Kronor: 320_000, Goal: 4, GoalText: "Uppföljningen visar resultat för deltagare och kontrakt, och varje deltagare har en handledare"},
	Refused:  Change{What: "Slutdagen flyttas ett halvår", Why: "Upphandlingarna som sköts upp hinner inte annonseras före slutdagen.", Prepared: "Ett halvår till räcker för två av de tre upphandlingarna. Kostnaden bärs av linjen.", Opinion: "Ägaren avstyrker: modellen kan lämnas över i tid ändå.", Days: 182, Reason: "Styrgruppen avslår ändringen: modellen ska lämnas över i tid, och de uppskjutna upphandlingarna följs upp i linjen."},
}
