package programme

// Template is a call to start from: the shape of a real programme, in our own
// words. Dates and contacts are left for the officer.
type Template struct {
	Key, Name, About string
	Content          Content
}

// sevenCriteria are the criteria of the pilot municipalities programme (seed
// rule 004-07): six are scored, the seventh is measured by the selection.
var sevenCriteria = []Criterion{
	{ID: "vilja", Name: "Vill göra det som efterfrågas", Guidance: "Framgår det att kommunen vill arbeta både strategiskt och praktiskt med service?", Step: 1, Source: "004-06"},
	{ID: "serviceglest", Name: "Serviceglesa gles- och landsbygder", Guidance: "Hur långt har invånarna till service, och hur stor del av kommunen gäller det?", Step: 2, Weight: 20, Low: 0, High: 5, Source: "004-07"},
	{ID: "naringsliv", Name: "Koppling till företagande och näringsliv", Guidance: "Hur hänger service och möjligheten att driva företag ihop i förslaget?", Step: 2, Weight: 15, Low: 0, High: 5, Source: "004-07"},
	{ID: "ideell", Name: "Samverkan med ideell sektor", Guidance: "Vilka föreningar är med, och vad gör de?", Step: 2, Weight: 15, Low: 0, High: 5, Source: "004-07"},
	{ID: "samordning", Name: "Samordnad kommersiell och offentlig service", Guidance: "Vad samordnas, var och av vem?", Step: 2, Weight: 20, Low: 0, High: 5, Source: "004-07"},
	{ID: "langsiktigt", Name: "Långsiktigt arbete i kommunens processer", Guidance: "Hur kommer arbetet in i översiktsplan och budget, och vad finns kvar efteråt?", Step: 2, Weight: 20, Low: 0, High: 5, Source: "004-07"},
	{ID: "nytankande", Name: "Nytänkande", Guidance: "Vad är nytt, för kommunen eller för landet?", Step: 2, Weight: 10, Low: 0, High: 5, Source: "004-07"},
	{ID: "spridning", Name: "Geografisk spridning", Guidance: "Mäts av urvalet: antal län och avstånd mellan de valda.", Step: 2, Measured: true, Source: "004-07"},
}

// Templates lists the calls to start from.
var Templates = []Template{
	{
		Key: "pilot", Name: "Pilotkommuner med 60/40-finansiering",
		About: "Öppen utlysning till alla kommuner. Bidrag upp till 60 procent, sju kriterier, piloter och ambassadörer.",
		Content: Content{
			Title: "Pilotkommuner för lokal service", Joint: true, FormalDecision: true, GrantShare: 60, ReminderDays: 5, Places: 13, Spread: "counties",
			Summary: "Kommuner som vill utveckla tillgången till kommersiell och offentlig service kan bli pilot i två och ett halvt år.",
			Purpose: "Att pröva hur en kommun kan arbeta både strategiskt och praktiskt med service, så att landsbygden blir en attraktiv plats att bo och driva företag på.",
			TieRule: "Vid lika värde väljs det urval vars ansökningsnummer, sorterade, kommer först.",
			Kinds: []Kind{
				{ID: "pilot", Name: "Pilotkommun", Purpose: "Prövar nya arbetssätt med stöd.", Count: "applications", Min: 10, Target: 13, Max: 15, MapStyle: "pilot"},
				{ID: "ambassador", Name: "Ambassadör", Purpose: "Har redan kommit långt och delar med sig.", Count: "applications", Target: 5, Max: 8, MapStyle: "ambassador"},
			},
			Offers: []Offer{
				{"arbete", "Tid och uppdrag att arbeta strategiskt och praktiskt med service i kommunen.", "004-12"},
				{"bidrag", "Bidrag med högst 60 procent av insatsens hela kostnad, främst lön och resor, i ungefär två och ett halvt år.", "004-10"},
				{"stod", "Råd och stöd från myndigheten och andra som arbetar med frågan.", "004-11"},
				{"utbyte", "Träffar och besök där piloterna lär av varandra.", "004-11"},
			},
			Requirements: []Requirement{
				{"bada", "Arbetar både strategiskt och praktiskt med service.", "004-12", true, true, true},
				{"egen", "Betalar själv minst 40 procent av insatsens hela kostnad.", "004-13", true, true, true},
				{"larande", "Deltar i lärande och utbyte, och sprider det som fungerar till andra.", "004-14", true, true, true},
				{"langsiktig", "Avser att ta in servicefrågorna i översiktsplan och budget, så att arbetet lever vidare efter insatsen.", "004-15", true, true, true},
			},
			Eligibility: []Eligibility{
				{"signerad", "signed", "", "Ansökan är undertecknad av kommunens behöriga företrädare.", "001-16"},
				{"ataganden", "statement", "", "Alla krav är godtagna.", "004-01"},
			},
			Criteria: sevenCriteria,
			Quotas:   []Quota{{Attribute: "county", Value: "*", Max: 3, Count: "applications", Force: Aim}},
			Questions: []Question{
				{ID: "lage", Label: "Hur ser tillgången till service ut hos er i dag?", Kind: "long", Required: true},
				{ID: "gora", Label: "Vad vill ni göra?", Kind: "long", Required: true},
				{ID: "samverkan", Label: "Vilka samverkar ni med: företag, föreningar, myndigheter?", Kind: "long", Required: true},
				{ID: "efter", Label: "Hur lever arbetet vidare när stödet tar slut?", Kind: "long", Required: true},
				{ID: "nytt", Label: "Vad är nytt med det ni vill göra?", Kind: "long"},
			},
		},
	},
	{
		Key: "tre-former", Name: "Öppen utlysning med tre deltagandeformer",
		About: "Medlemskommuner söks till styrgrupp, workshop och filmade intervjuer.",
		Content: Content{
			Title: "Utvecklingsprojekt om kommunens lokaler", FormalDecision: false, ReminderDays: 5, Places: 4, Spread: "min_distance",
			Summary: "Kommuner som är medlemmar i fonden kan vara med och forma ett stöd för hur lokaler planeras och förvaltas.",
			Purpose: "Att ta fram ett stöd som kommuner har nytta av i sitt löpande arbete med lokaler.",
			TieRule: "Vid lika värde väljs det urval vars ansökningsnummer, sorterade, kommer först.",
			Kinds: []Kind{
				{ID: "styrgrupp", Name: "Styrgrupp", Purpose: "Ger stöd och erfarenheter i tre digitala möten om två timmar; underlag skickas i förväg.", Count: "persons", Mixed: true, MapStyle: "plain"},
				{ID: "workshop", Name: "Workshop om behov", Purpose: "Formulerar kommunernas frågor inför arbetet.", Count: "persons", Min: 10, Target: 20, Max: 30, Mixed: true, MapStyle: "plain"},
				{ID: "intervju", Name: "Filmad intervju", Purpose: "Delar med sig av organisation och process. Filmen textas, och kommunen godkänner den innan den publiceras.", Count: "municipalities", Target: 4, MapStyle: "pilot"},
			},
			Offers: []Offer{{"stod", "Ett färdigt stöd, rapport och filmer som alla kommuner kan använda.", "000-05"}, {"natverk", "Utbyte med andra kommuner som har samma ansvar.", "000-02"}},
			Requirements: []Requirement{
				{"ansvar", "De som deltar ansvarar för kommunens process, som tjänsteperson eller politiker.", "000-06", true, false, false},
				{"tid", "Avsätter tid för att läsa och kommentera underlag inför varje möte.", "000-08", true, false, true},
			},
			Eligibility: []Eligibility{{"medlem", "member", "", "Kommunen är medlem i fonden.", "000-03"}},
			Criteria: []Criterion{
				{ID: "erfarenhet", Name: "Erfarenhet att dela", Guidance: "Vad kan andra lära av kommunens arbete?", Step: 2, Weight: 60, Low: 0, High: 5, Source: "000-12"},
				{ID: "fraga", Name: "Tydlig fråga", Guidance: "Hur väl beskrivs den fråga som kommunen vill ha svar på?", Step: 2, Weight: 40, Low: 0, High: 5, Source: "000-09"},
				{ID: "spridning", Name: "Geografisk spridning", Guidance: "Mäts av urvalet.", Step: 2, Measured: true, Source: "000-15"},
			},
			Quotas: []Quota{
				{Attribute: "main_group", Value: "A", Min: 1, Count: "municipalities", Force: Aim},
				{Attribute: "main_group", Value: "B", Min: 1, Count: "municipalities", Force: Aim},
				{Attribute: "main_group", Value: "C", Min: 1, Count: "municipalities", Force: Aim},
			},
			Questions: []Question{
				{ID: "process", Label: "Hur arbetar ni med lokaler i dag?", Kind: "long", Required: true},
				{ID: "fraga", Label: "Vilken fråga vill ni ha svar på?", Kind: "long", Required: true},
			},
		},
	},
	{
		Key: "inbjudan", Name: "Riktad inbjudan till fallstudie",
		About: "Namngivna kommuner bjuds in att delta tillsammans, med beslut i varje kommunstyrelse.",
		Content: Content{
			Title: "Fallstudie om kommuners samarbete", Targeted: true, Joint: true, FormalDecision: true, ReminderDays: 5,
			Summary: "Tre kommuner prövar i två workshoppar vad sammanläggning, samverkan och olika uppgifter för olika kommuner kan betyda.",
			Purpose: "Att ta reda på vilka möjligheter kommunerna ser, samla erfarenheter av samverkan och ge underlag till utredningen.",
			Kinds: []Kind{{
				ID: "workshop", Name: "Fallstudie med två workshoppar", Purpose: "Dialog i två workshoppar med arbete emellan. Kommunerna avgör själva vilka som deltar.", Count: "persons", MapStyle: "pilot",
				Bodies: []Body{{"Kommunstyrelsens arbetsutskott", 2, 4, Aim}, {"Förvaltningsledningen", 2, 4, Aim}},
			}},
			Offers:       []Offer{{"modell", "Modellkörningar och beräkningar för just era kommuner mellan workshopparna.", "001-12"}},
			Requirements: []Requirement{{"beslut", "Kommunstyrelsen i varje kommun fattar ett formellt beslut om att delta.", "001-16", false, true, false}, {"tid", "Tid avsätts för workshoppar, inläsning och intervjuer.", "001-08", true, false, true}},
			Questions:    []Question{{ID: "deltagare", Label: "Hur tänker ni kring vilka som ska delta?", Kind: "long"}},
		},
	},
}

// TemplateOf finds a template by its key.
func TemplateOf(key string) (Template, bool) {
	for _, t := range Templates {
		if t.Key == key {
			return t, true
		}
	}
	return Template{}, false
}
