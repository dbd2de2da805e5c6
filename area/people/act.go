package people

import (
	"context"
	"strings"

	"kommunpilot/base/web"
)

// actNouns and actVerbs put the names of actions into words.
var actNouns = map[string]string{
	"account": "Konto", "application": "Ansökan", "assessment": "Bedömning", "audit": "Logg", "call": "Utlysning",
	"decision": "Kommunbeslut", "invitation": "Inbjudan", "organisation": "Organisation", "participation": "Deltagande",
	"people": "Användare", "programme": "Program", "register": "Kommunregister", "ruleset": "Regler", "selection": "Urval",
	"token": "Integration", "change": "Ändring", "gate": "Beslutspunkt", "goal": "Mål", "group": "Grupp", "indicator": "Indikator", "interview": "Intervju", "log": "Projektlogg",
	"meeting": "Möte", "minutes": "Protokoll", "newsletter": "Nyhetsbrev", "outreach": "Kommunikation", "project": "Projekt", "record": "Diarium", "report": "Lägesrapport", "research": "Följeforskning",
	"risk": "Risk", "steering": "Styrgrupp", "structure": "Strukturscenario", "service": "Service och avstånd", "knowledge": "Kunskapsbank", "serviceplan": "Serviceplan",
}

var actVerbs = map[string]string{ //nolint:gosec // "password" is the name of an action
	"aggregate": "räkna", "answer": "svara", "assess_eligibility": "pröva behörighet", "assign": "fördela", "cancel": "avbryta",
	"confirm": "fastställa", "create": "skapa", "decide": "besluta", "declare": "anmäla jäv", "edit": "ändra", "email": "byta e-postadress",
	"end": "avsluta", "export": "hämta ut", "fetch": "hämta nyckeln", "grant": "ge en roll", "identity": "koppla inloggning",
	"import": "läsa in", "list": "lista", "own": "ändra det egna", "password": "byta lösenord", "publish": "publicera", "read": "läsa",
	"read_own": "läsa det egna", "read_result": "läsa resultatet", "request_completion": "begära komplettering", "run": "räkna fram",
	"sign": "underteckna", "withdraw": "återta", "write": "skriva",
	"prepare": "bereda", "opinion": "yttra sig", "adopt": "fastställa", "propose": "föreslå", "appoint": "utse", "report": "rapportera", "approve": "godkänna",
	"public": "läsa det offentliga", "reply": "svara", "extract": "läsa det offentliga",
	"subscribe": "prenumerera", "leave": "sluta prenumerera", "try": "prova",
	"search": "söka", "ask": "fråga", "use": "använda", "deliver": "leverera", "count": "räkna",
	"archive": "arkivera", "retain": "besluta om bevarande", "dispose": "gallra", "mail": "ta emot meddelanden",
}

// actText puts an action into words: "Ansökan: läsa". One that it does not
// know stays as it is.
func actText(ctx context.Context, act string) string {
	noun, verb, _ := strings.Cut(act, ".")
	n, v := actNouns[noun], actVerbs[verb]
	if n == "" {
		return act
	}
	if v == "" {
		v = strings.ReplaceAll(verb, "_", " ")
	}
	return web.T(ctx, n) + ": " + web.T(ctx, v)
}
