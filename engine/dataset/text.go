package dataset

import "slices"

// The sentences of the reports: what was expected where a rule is broken. Each
// is a constant format, so that it can be translated; Texts lists them.
const (
	textUnknownKind = "Filens namn säger inte vilken sort den är. Döp den efter en av sorterna, till exempel population.csv"
	textEmpty       = "Första raden ska vara kolumnernas namn, och filen är tom"
	textNoRows      = "Efter rubriken ska det finnas minst en rad"
	textUTF8        = `Filen ska vara UTF-8. Spara den som "CSV UTF-8"`
	textQuote       = "Ett citattecken saknas eller står fel. Citattecken ska stå först och sist i fältet"
	textFields      = "Raden ska ha %d fält som rubriken, men har %d. Se efter om ett skiljetecken saknas, eller om tal har decimalkomma"
	textTooMany     = "Kolumnen får ha högst %d olika värden; resten av filen lästes inte"
	textTab         = "Kolumnerna ska skiljas åt av komma eller semikolon, inte tabb"

	textColumnMissing = "Kolumnen %s ska finnas. Rubriken är nu: %s"
	textColumnUnknown = "Kolumnen används inte. Kolumnerna är: %s"
	textColumnTwice   = "Kolumnen ska finnas en gång"

	textMunicipality = "Fyra siffror som text, till exempel 0114"
	textZeroLost     = "Fyra siffror som text. Kalkylprogrammet har tagit bort nollan; skriv 0%s"
	textNoUnit       = "En kommun som finns år %d. Koden gäller inte då"
	textNoUnitToday  = "En kommun som finns i dag"
	textCounty       = "Två siffror som text, till exempel 01"
	textNoCounty     = "Ett län som finns"
	textArea         = "riket, ett län med två siffror eller en kommun med fyra siffror"
	textSex          = "K eller M"
	textCode         = "En kod; fältet är tomt"
	textMark         = "Tomt eller ordet antagen"

	textTwice = "Nyckeln ska finnas en gång, men står också på rad %d. Ta bort den ena raden"

	textGapRow  = "Raden för %s ska finnas, men saknas efter den här raden"
	textGapRun  = "Raderna från %s till %s ska finnas, men saknas efter den här raden; antal som saknas: %d"
	textGapUnit = "Rader för %s ska finnas, men saknas i filen"
	textGapMost = "%d rader för %s ska finnas; antal som saknas: %d"
	textGapAll  = "Alla rader för %s ska finnas, men saknas efter den här raden"

	textNumber    = "Ett tal, till exempel 12.5"
	textNoNumber  = "Ett tal; fältet är tomt"
	textComma     = "Ett tal med decimalpunkt, inte decimalkomma: %s"
	textThousands = "Ett tal utan mellanslag mellan siffrorna: %s"
	textWhole     = "Ett heltal"
	textWholeSpan = "Ett heltal från 0 till %d"
	textYear      = "Ett år med fyra siffror, till exempel 2024"
	textAge       = "En ålder i hela år från %d till %d, där 100 är 100 år och äldre"
	textAgeGroup  = "En ålder från 0 till 100, eller fem år som 20-24 där den första åldern går att dela med 5"
	textNegative  = "Ett tal som inte är negativt"
	textSpan      = "Ett tal från %s till %s"

	textTotal  = "Summan för %s år %d ska vara %s, på 0.5 procent när"
	textShares = "Kommunernas andelar för kön %s, ålder %d ska tillsammans vara 1, på 0.5 procent när"
	textScaled = "Kommunernas andelar för kön %s, ålder %d ska tillsammans vara 1. Andelarna har räknats om så att de blir det"
	textMoves  = "Kommunernas inflyttade år %d är %s och ska vara lika många som deras utflyttade, på 0.5 procent när"
	textBefore = "Högst 50 procent från året före, då värdet var %s. Se efter att värdet är rätt"

	textNational  = "Rader med riket i kolumnen omrade ska finnas"
	textFertility = "Summan över åldrarna för %s år %d ska ligga mellan 0.5 och 4 barn per kvinna"
	textRisks     = "risk_inrikes och risk_utrikes ska tillsammans vara högst 1"
	textOrder     = "Intervallet ska sluta på eller efter %s, där det börjar"
	textOverlap   = "Intervallet går in i det på rad %d. Intervall ska ligga efter varandra"
	textHole      = "Åldrarna %d–%d ska finnas i något intervall"
	textStatute   = "Författningens nummer, till exempel 2024:669"
	textTaxRate   = "En skattesats i procent från 5 till 40"
	textSame      = "Samma värde för alla kommuner i ett år; de flesta har %s"
	textParts     = "utfall ska vara iu + ku + sb + ib + rb = %s, på 2 kr när"
	textSubmodel  = "En delmodell i reglerna för år %d, med namnet som där"
	textRates     = "t_avgift ska vara lägre än t_bidrag, som är %s"
	textSelf      = "Två olika kommuner"
	textAlone     = "Kommunen %s ska ha minst en granne i filen"
)

// What a report says of checks that were not made.
const (
	noteUnit      = "Kommunkoderna prövades inte mot något register"
	noteCounty    = "Länskoderna prövades inte mot något register"
	noteWhole     = "Filen prövades inte mot en lista över landets alla kommuner"
	noteTotals    = "Summorna prövades inte mot publicerad folkmängd"
	noteSubmodel  = "Delmodellerna prövades inte mot årets regler"
	noteColumns   = "Reglerna som gäller flera rader prövades inte, eftersom kolumner saknas"
	noteGaps      = "Luckor i filen redovisas inte; de kan bero på rader med fel i nyckeln, antal: %d"
	noteManyCodes = "Luckor i filen prövades inte för år %d, som har mer än %d koder"
	noteSums      = "Summor prövades inte, eftersom rader saknas, inte går att läsa eller står två gånger, antal: %d"
	noteMoves     = "Inflyttade och utflyttade jämfördes inte för år %d, eftersom filen inte har alla kommuner"
)

var sentences = []string{
	textUnknownKind, textEmpty, textNoRows, textUTF8, textQuote, textFields, textTooMany, textTab,
	textColumnMissing, textColumnUnknown, textColumnTwice,
	textMunicipality, textZeroLost, textNoUnit, textNoUnitToday, textCounty, textNoCounty, textArea, textSex, textCode, textMark,
	textTwice, textGapRow, textGapRun, textGapUnit, textGapMost, textGapAll,
	textNumber, textNoNumber, textComma, textThousands, textWhole, textWholeSpan, textYear, textAge, textAgeGroup, textNegative, textSpan,
	textTotal, textShares, textScaled, textMoves, textBefore,
	textNational, textFertility, textRisks, textOrder, textOverlap, textHole, textStatute, textTaxRate, textSame, textParts,
	textSubmodel, textRates, textSelf, textAlone,
	noteUnit, noteCounty, noteWhole, noteTotals, noteSubmodel, noteColumns, noteGaps, noteManyCodes, noteSums, noteMoves,
}

// Texts lists every Swedish text that the package writes: the formats of the
// reports, and the words of the kinds. Each stands once.
func Texts() []string {
	out := slices.Clone(sentences)
	for _, k := range kinds {
		out = append(out, k.About)
		for _, c := range k.Columns {
			out = append(out, c.Unit)
		}
		for _, r := range k.Rules {
			out = append(out, r.Text)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}
