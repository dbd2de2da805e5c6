package programme

import (
	"fmt"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
)

// apiContent is what a call says. What is left out is empty.
type apiContent struct {
	Title          string           `json:"title" minLength:"1" maxLength:"200" example:"Pilotkommuner för lokal service" doc:"Its title (rubrik)."`
	Summary        string           `json:"summary,omitempty" maxLength:"2000" doc:"Two sentences that a busy chief executive understands."`
	Purpose        string           `json:"purpose,omitempty" maxLength:"20000" doc:"What it is to achieve (syfte)."`
	Targeted       bool             `json:"targeted,omitempty" doc:"Only invited municipalities can answer (riktad inbjudan)."`
	FormalDecision bool             `json:"formalDecision,omitempty" doc:"Each municipality confirms by a formal decision (formellt beslut)."`
	Joint          bool             `json:"joint,omitempty" doc:"Several municipalities may answer together, as one."`
	Kinds          []apiKind        `json:"kinds,omitempty" maxItems:"200" doc:"The kinds of participation (deltagandeformer)."`
	Offers         []apiOffer       `json:"offers,omitempty" maxItems:"200" doc:"What the owner gives (erbjudanden)."`
	Requirements   []apiRequirement `json:"requirements,omitempty" maxItems:"200" doc:"What the participant undertakes (krav)."`
	Eligibility    []apiEligibility `json:"eligibility,omitempty" maxItems:"200" doc:"Formal rules of who can answer, apart from quality (behörighet)."`
	Criteria       []apiCriterion   `json:"criteria,omitempty" maxItems:"200" doc:"What answers are scored against (kriterier). The weights of step 2 add up to 100."`
	Quotas         []apiQuota       `json:"quotas,omitempty" maxItems:"200" doc:"Limits on whom the selection takes (kvoter)."`
	Places         int              `json:"places,omitempty" minimum:"0" maximum:"10000" example:"13" doc:"How many answers can be selected."`
	Spread         string           `json:"spread,omitempty" enum:"counties,min_distance" doc:"Secondary goal of the selection: as many counties as possible, or as far as possible between the two nearest."`
	TieRule        string           `json:"tieRule,omitempty" maxLength:"2000" doc:"The published rule for equal value."`
	Questions      []apiQuestion    `json:"questions,omitempty" maxItems:"200" doc:"The form that is answered."`
	Dates          apiDates         `json:"dates,omitzero" doc:"Its days, in Swedish time."`
	Responsible    string           `json:"responsible,omitempty" maxLength:"200" example:"Handläggare, Tillväxtverket" doc:"Who is responsible: a role and an organisation, never a person (ansvarig)."`
	Contact        string           `json:"contact,omitempty" maxLength:"500" doc:"Telephone or e-mail of the function."`
	Members        []string         `json:"members,omitempty" maxItems:"1000" pattern:"^[0-9]{4}$" example:"[\"1983\"]" doc:"Codes of the municipalities that can answer; none listed: all."`
	BudgetOre      int64            `json:"budgetOre,omitempty" minimum:"0" example:"5000000000" doc:"The call's money in öre (1/100 SEK)."`
	GrantShare     int              `json:"grantShare,omitempty" minimum:"0" maximum:"100" example:"60" doc:"The largest grant, per cent of the whole cost; 0: no rule."`
	ReminderDays   int              `json:"reminderDays,omitempty" minimum:"0" maximum:"60" example:"5" doc:"How many workdays before the last day those with drafts are reminded."`
}

type apiKind struct {
	ID       string    `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,60}$" example:"pilot" doc:"Names it within the call; made from the name where left out."`
	Name     string    `json:"name" minLength:"1" maxLength:"200" example:"Pilotkommun" doc:"Its name."`
	Purpose  string    `json:"purpose,omitempty" maxLength:"4000" doc:"What it means."`
	Count    string    `json:"count" enum:"applications,municipalities,persons" doc:"What the numbers count."`
	Min      int       `json:"min,omitempty" minimum:"0" example:"10" doc:"The smallest number."`
	Target   int       `json:"target,omitempty" minimum:"0" example:"13" doc:"The number aimed for."`
	Max      int       `json:"max,omitempty" minimum:"0" example:"15" doc:"The largest number; 0: none."`
	Mixed    bool      `json:"mixed,omitempty" doc:"Officials and politicians both."`
	Bodies   []apiBody `json:"bodies,omitempty" maxItems:"50" doc:"Bodies of each municipality from which so many persons take part."`
	MapStyle string    `json:"mapStyle,omitempty" enum:"pilot,ambassador,plain" doc:"Its mark on the map."`
}

type apiBody struct {
	Name  string `json:"name" minLength:"1" maxLength:"200" example:"Kommunstyrelsens arbetsutskott" doc:"The body (organ)."`
	Min   int    `json:"min,omitempty" minimum:"0" doc:"At least so many."`
	Max   int    `json:"max,omitempty" minimum:"0" doc:"At most so many; 0: no limit."`
	Force Force  `json:"force" enum:"must,aim,fact" doc:"must stops, aim warns, fact is never enforced."`
}

type apiOffer struct {
	ID     string `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,60}$" doc:"Names it within the call; made from the text where left out."`
	Text   string `json:"text" minLength:"1" maxLength:"4000" doc:"What is given."`
	Source string `json:"source,omitempty" maxLength:"200" doc:"Where it is laid down."`
}

type apiRequirement struct {
	ID            string `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,60}$" doc:"Names it within the call; made from the text where left out."`
	Text          string `json:"text" minLength:"1" maxLength:"4000" doc:"What is undertaken."`
	Source        string `json:"source,omitempty" maxLength:"200" doc:"Where it is laid down."`
	AtApplication bool   `json:"atApplication,omitempty" doc:"Checked in the application."`
	AtDecision    bool   `json:"atDecision,omitempty" doc:"Checked at the municipality's decision."`
	AtFollowUp    bool   `json:"atFollowUp,omitempty" doc:"Checked at follow-up."`
}

type apiEligibility struct {
	ID     string `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,60}$" doc:"Names it within the call; made from the text where left out."`
	Kind   string `json:"kind" enum:"member,county,main_group,population_max,population_min,signed,statement" doc:"How it is tested."`
	Param  string `json:"param,omitempty" maxLength:"2000" example:"C" doc:"What kind reads: codes, letters of groups or a number of inhabitants."`
	Text   string `json:"text" minLength:"1" maxLength:"4000" doc:"The rule in words: quoted to whom it fails."`
	Source string `json:"source,omitempty" maxLength:"200" doc:"Where it is laid down."`
}

type apiCriterion struct {
	ID       string `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,60}$" doc:"Names it within the call; made from the name where left out."`
	Name     string `json:"name" minLength:"1" maxLength:"200" doc:"Its name."`
	Guidance string `json:"guidance,omitempty" maxLength:"4000" doc:"Help for the assessor."`
	Source   string `json:"source,omitempty" maxLength:"200" doc:"Where it is laid down."`
	Step     int    `json:"step" minimum:"1" maximum:"2" example:"2" doc:"1: yes or no; 2: scored."`
	Weight   int    `json:"weight,omitempty" minimum:"0" maximum:"100" example:"20" doc:"Per cent of the weighted sum."`
	Low      int    `json:"low,omitempty" minimum:"0" maximum:"1000" doc:"Lowest score."`
	High     int    `json:"high,omitempty" minimum:"0" maximum:"1000" example:"5" doc:"Highest score."`
	Measured bool   `json:"measured,omitempty" doc:"Counted by the selection, not scored."`
}

type apiQuota struct {
	Attribute string `json:"attribute" minLength:"1" maxLength:"60" example:"county" doc:"An attribute of the register: county, landsdel, main_group, sub_group, population_class."`
	Value     string `json:"value" minLength:"1" maxLength:"100" example:"*" doc:"Its value; * is every value for itself."`
	Min       int    `json:"min,omitempty" minimum:"0" doc:"At least so many."`
	Max       int    `json:"max,omitempty" minimum:"0" example:"3" doc:"At most so many; 0: no limit."`
	Count     string `json:"count" enum:"municipalities,applications" doc:"Whether each municipality of a joint answer counts, or the answer once."`
	Force     Force  `json:"force" enum:"must,aim" doc:"must stops, aim can be set aside in writing."`
}

type apiQuestion struct {
	ID       string   `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,60}$" doc:"Names it within the form; made from the label where left out."`
	Label    string   `json:"label" minLength:"1" maxLength:"500" doc:"The question."`
	Hint     string   `json:"hint,omitempty" maxLength:"2000" doc:"Help below it."`
	Kind     string   `json:"kind" enum:"text,long,number,yesno,choice" doc:"What is answered."`
	Required bool     `json:"required,omitempty" doc:"Has to be answered."`
	Options  []string `json:"options,omitempty" maxItems:"100" doc:"What to choose from."`
}

type apiDates struct {
	Publish    string `json:"publish,omitempty" format:"date" doc:"Is to be published."`
	Open       string `json:"open,omitempty" format:"date" example:"2026-03-01" doc:"First day for answers."`
	Close      string `json:"close,omitempty" format:"date" example:"2026-03-31" doc:"Last day for answers, to midnight."`
	Assessment string `json:"assessment,omitempty" format:"date" doc:"The assessment is done."`
	Decision   string `json:"decision,omitempty" format:"date" doc:"The selection is decided."`
	Start      string `json:"start,omitempty" format:"date" doc:"The work begins."`
	End        string `json:"end,omitempty" format:"date" doc:"The work ends."`
	Fixing     string `json:"fixing,omitempty" format:"date" doc:"The day of the first meeting is settled at the latest."`
	Event      string `json:"event,omitempty" format:"date" doc:"The first meeting together."`
}

func contentOut(c Content) apiContent {
	d := c.Dates
	out := apiContent{Title: c.Title, Summary: c.Summary, Purpose: c.Purpose, Targeted: c.Targeted, FormalDecision: c.FormalDecision, Joint: c.Joint,
		Places: c.Places, Spread: c.Spread, TieRule: c.TieRule, Responsible: c.Responsible, Contact: c.Contact, Members: c.Members,
		BudgetOre: c.Budget, GrantShare: c.GrantShare, ReminderDays: c.ReminderDays,
		Dates: apiDates{string(d.Publish), string(d.Open), string(d.Close), string(d.Assessment), string(d.Decision), string(d.Start), string(d.End), string(d.Fixing), string(d.Event)}}
	for _, k := range c.Kinds {
		x := apiKind{k.ID, k.Name, k.Purpose, k.Count, k.Min, k.Target, k.Max, k.Mixed, nil, k.MapStyle}
		for _, b := range k.Bodies {
			x.Bodies = append(x.Bodies, apiBody(b))
		}
		out.Kinds = append(out.Kinds, x)
	}
	for _, x := range c.Offers {
		out.Offers = append(out.Offers, apiOffer(x))
	}
	for _, x := range c.Requirements {
		out.Requirements = append(out.Requirements, apiRequirement(x))
	}
	for _, x := range c.Eligibility {
		out.Eligibility = append(out.Eligibility, apiEligibility(x))
	}
	for _, x := range c.Criteria {
		out.Criteria = append(out.Criteria, apiCriterion(x))
	}
	for _, x := range c.Quotas {
		out.Quotas = append(out.Quotas, apiQuota(x))
	}
	for _, x := range c.Questions {
		out.Questions = append(out.Questions, apiQuestion(x))
	}
	return out
}

// in makes the call's content of what was sent, and checks what the pages of
// the editor check one by one; the rest waits for the publication.
func (a apiContent) in() (Content, error) {
	day := func(s string) calendar.Date { return calendar.Date(s) } // the schema has checked it
	d := a.Dates
	c := Content{Title: a.Title, Summary: a.Summary, Purpose: a.Purpose, Targeted: a.Targeted, FormalDecision: a.FormalDecision, Joint: a.Joint,
		Places: a.Places, Spread: a.Spread, TieRule: a.TieRule, Responsible: a.Responsible, Contact: a.Contact, Members: a.Members,
		Budget: a.BudgetOre, GrantShare: a.GrantShare, ReminderDays: a.ReminderDays,
		Dates: Dates{day(d.Publish), day(d.Open), day(d.Close), day(d.Assessment), day(d.Decision), day(d.Start), day(d.End), day(d.Fixing), day(d.Event)}}
	seen := map[string][]string{}
	var problems []fail.Field
	name := func(list, id, text string, i int) string {
		id = keep(id, text, i)
		if slices.Contains(seen[list], id) {
			problems = append(problems, fail.Field{Name: fmt.Sprintf("%s[%d].id", list, i), Message: "Samma id står två gånger."})
		}
		seen[list] = append(seen[list], id)
		return id
	}
	for i, k := range a.Kinds {
		x := Kind{name("kinds", k.ID, k.Name, i), k.Name, k.Purpose, k.Count, k.Min, k.Target, k.Max, k.Mixed, nil, k.MapStyle}
		for _, b := range k.Bodies {
			x.Bodies = append(x.Bodies, Body(b))
		}
		c.Kinds = append(c.Kinds, x)
	}
	for i, x := range a.Offers {
		x.ID = name("offers", x.ID, x.Text, i)
		c.Offers = append(c.Offers, Offer(x))
	}
	for i, x := range a.Requirements {
		x.ID = name("requirements", x.ID, x.Text, i)
		c.Requirements = append(c.Requirements, Requirement(x))
	}
	for i, x := range a.Eligibility {
		x.ID = name("eligibility", x.ID, x.Text, i)
		if x.Kind == "population_min" || x.Kind == "population_max" {
			number(fmt.Sprintf("eligibility[%d].param", i), x.Param, &problems)
		}
		c.Eligibility = append(c.Eligibility, Eligibility(x))
	}
	for i, x := range a.Criteria {
		x.ID = name("criteria", x.ID, x.Name, i)
		c.Criteria = append(c.Criteria, Criterion(x))
	}
	for _, x := range a.Quotas {
		c.Quotas = append(c.Quotas, Quota(x))
	}
	for i, x := range a.Questions {
		x.ID = name("questions", x.ID, x.Label, i)
		c.Questions = append(c.Questions, Question(x))
	}
	for i := range problems {
		problems[i].Name = "body.content." + problems[i].Name
	}
	return c, apiLocated(fail.Fields(append(problems, c.Dates.Problems()...)...), "body.content.")
}
