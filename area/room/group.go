package room

import (
	"context"
	"slices"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The kinds of group. Leading is the project's leaders: owner, leaders,
// researcher.
const (
	Leading    = "projektledning"
	Steering   = "styrgrupp"
	Working    = "arbetsgrupp"
	Reference  = "referensgrupp"
	Municipal  = "kommungrupp"
	Active     = "aktiv"
	Dissolved  = "upplöst"
	Proposed   = "föreslagen"
	Appointed  = "utsedd"
	Left       = "avgått"
	sideBlue   = "blå"
	sideGreen  = "grön"
	ordforande = "ordförande"
)

// Group is a group of the project. Side is blue (procurement) or green (target
// groups), with what it does at the four moments (003-45).
type Group struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Mandate  string   `json:"mandate"`
	Appoints string   `json:"appoints"` // in words; who may is the policy's
	Side     string   `json:"side"`
	Moments  []string `json:"moments"`
}

// SteeringMandate is what a steering group is for (000-05), until the orderer
// words it for the project.
const SteeringMandate = "Ger stöd och delar med sig av erfarenheter till projektledningen och ägaren, så att resultatet blir ett stöd som kommunerna har nytta av i sitt fortlöpande arbete."

// Moments are the four moments of the support function (003-45).
var Moments = []string{"inför upphandling", "under anbudstiden", "i samband med kontrakt", "under kontraktstiden"}

// Seat is somebody's place in a group, from a day up to but not including
// another (uppdrag i grupp).
type Seat struct {
	Group    journal.ID    `json:"group"`
	Kind     string        `json:"kind"` // of the group
	Email    string        `json:"email"`
	Person   who.PersonID  `json:"person"`
	Name     string        `json:"name"`
	Body     string        `json:"body"` // the organisation or body that the person represents
	Politic  string        `json:"politic"`
	Role     string        `json:"role"`
	From     calendar.Date `json:"from"`
	To       calendar.Date `json:"to"`
	Decision journal.ID    `json:"decision"`
}

// leadingRoles and groupRoles are the roles in the groups.
var (
	leadingRoles = []string{"projektägare", "projektledare", "sekreterare", "följeforskare", "upphandlare", "adjungerad"}
	groupRoles   = []string{ordforande, "ledamot", "ersättare", "sekreterare", "adjungerad"}
)

// allRoles are the roles of both kinds of group, each once.
func allRoles() []string {
	out := slices.Clone(groupRoles)
	for _, r := range leadingRoles {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// RoleOf is the role of the permission matrix that a place in a group gives;
// an adjunct has none.
func RoleOf(kind, role string) (who.Role, bool) {
	leading := map[string]who.Role{"projektägare": who.Projektagare, "projektledare": who.Projektledare, "följeforskare": who.Foljeforskare, "upphandlare": who.Upphandlare}
	switch {
	case role == "sekreterare":
		return who.Sekreterare, true
	case role == "adjungerad":
		return "", false
	case kind == Leading:
		r, ok := leading[role]
		return r, ok
	case kind == Steering:
		return who.Styrgrupp, true
	}
	return who.Arbetsgrupp, true
}

// byOrderer tells whether the orderer appoints to the group (003-40); the
// steering group appoints to the others (003-42).
func byOrderer(kind string) bool { return kind == Steering || kind == Leading }

func options(list ...string) []web.Option {
	var out []web.Option
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: x})
	}
	return out
}

func (o *Room) groupSheet(d sheet.Deps) *sheet.Sheet[Group] {
	return &sheet.Sheet[Group]{
		Deps: d, Noun: journal.Noun[Group]{Name: "group", Title: "Gruppen", Moves: map[string][]string{Active: {Dissolved}}, NeedsReason: []string{Dissolved}},
		Path: "grupper", Title: "Grupper", Lead: "Styrgrupp, arbetsgrupper, referensgrupper och kommungrupper med vilka som sitter i dem.",
		New: "Ny grupp", NoneYet: "Inga grupper ännu.", First: Active, Read: "project.public", Write: "group.propose", Locked: []string{Dissolved},
		Name: func(g Group) string { return g.Name },
		Fields: func(ctx context.Context, g *Group, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "name", Label: web.T(ctx, "Gruppens namn"), Required: true}, To: &g.Name},
				{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sorts grupp"), Required: true}, Kind: web.AsRadio, To: &g.Kind, Options: options(Working, Reference, Municipal, Steering, Leading)},
				{Input: web.Input{Name: "mandate", Label: web.T(ctx, "Uppdrag"), Rows: 3}, Kind: web.AsArea, To: &g.Mandate},
				{Input: web.Input{Name: "side", Label: web.T(ctx, "Sida"), Hint: web.T(ctx, "Blå är upphandlingskunskap, grön är kunskap om målgrupper.")}, Kind: web.AsRadio, To: &g.Side, Options: options(sideBlue, sideGreen)},
				{Input: web.Input{Name: "moments", Label: web.T(ctx, "Gruppen arbetar")}, Kind: web.AsMany, To: &g.Moments, Options: options(Moments...)},
			}
		},
		Columns: []sheet.Column[Group]{
			{Head: "Sorts grupp", Cell: func(_ context.Context, it journal.Item[Group], _ sheet.Choices) string { return it.Is.Kind }},
			{Head: "Utses av", Cell: func(ctx context.Context, it journal.Item[Group], _ sheet.Choices) string {
				if byOrderer(it.Is.Kind) {
					return web.T(ctx, "beställaren")
				}
				return web.T(ctx, "styrgruppen")
			}},
		},
		Moves: []sheet.Move{{To: Dissolved, Label: "Upplös gruppen", Danger: true}},
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Group], from string) error {
			if it.Is.Kind != Steering {
				return nil
			}
			if it.Is.Mandate == "" {
				return field("mandate", "Skriv vad styrgruppen är till för: vilket stöd den ger, och till vem.")
			}
			if from != "" {
				return nil
			}
			all, err := o.groups.Noun.List(ctx, tx, journal.Query{Project: p.ID, State: Active})
			if slices.ContainsFunc(all, func(g journal.Item[Group]) bool { return g.Is.Kind == Steering }) {
				return field("kind", "Projektet har redan en styrgrupp.")
			}
			return err
		},
		Body: o.seatsOf,
	}
}

// groupChoices lists the active groups to choose from.
func (o *Room) groupChoices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	list, err := o.groups.Noun.List(ctx, q, journal.Query{Project: p.ID, State: Active})
	c := sheet.Choices{}
	for _, g := range list {
		c["group"] = append(c["group"], web.Option{Value: id.String(g.ID), Label: g.Is.Name})
	}
	return c, err
}

func (o *Room) seatSheet(d sheet.Deps) *sheet.Sheet[Seat] {
	return &sheet.Sheet[Seat]{
		Deps: d, Noun: journal.Noun[Seat]{Name: "seat", Title: "Uppdraget", Moves: map[string][]string{Proposed: {Appointed, Left}, Appointed: {Left}}},
		Path: "uppdrag", Title: "Uppdrag i grupper", Lead: "Vem som sitter i vilken grupp, från och till vilken dag. Rätten att läsa och skriva följer uppdraget och slutar med det.",
		New: "Föreslå någon till en grupp", NoneYet: "Ingen har något uppdrag ännu.", First: Proposed, Read: "project.read", Write: "group.propose", Locked: []string{Left},
		Name:    func(s Seat) string { return s.Name },
		Choices: o.groupChoices,
		Fields: func(ctx context.Context, s *Seat, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "group", Label: web.T(ctx, "Grupp"), Required: true}, Kind: web.AsChoice, To: &s.Group, Options: c["group"]},
				{Input: web.Input{Name: "email", Label: web.T(ctx, "E-postadress"), Hint: web.T(ctx, "Personen ska redan finnas bland användarna."), Required: true, Type: "email"}, To: &s.Email},
				{Input: web.Input{Name: "role", Label: web.T(ctx, "Uppdrag"), Required: true}, Kind: web.AsChoice, To: &s.Role, Options: options(allRoles()...)},
				{Input: web.Input{Name: "body", Label: web.T(ctx, "Företräder"), Hint: web.T(ctx, "Organisation eller organ, till exempel kommunstyrelsens arbetsutskott.")}, To: &s.Body},
				{Input: web.Input{Name: "politic", Label: web.T(ctx, "Är"), Hint: web.T(ctx, "Behövs för möten där både politiker och tjänstepersoner ska delta.")}, Kind: web.AsRadio, To: &s.Politic, Options: options("politiker", "tjänsteperson")},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Från"), Required: true}, Kind: web.AsDay, To: &s.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Till"), Hint: web.T(ctx, "Dagen då uppdraget inte längre gäller. Lämna tomt om det är tills vidare.")}, Kind: web.AsDay, To: &s.To},
			}
		},
		Check: func(s Seat) []fail.Field {
			if s.To != "" && s.To <= s.From {
				return []fail.Field{{Name: "to", Message: "Uppdraget måste sluta efter att det börjat."}}
			}
			return nil
		},
		Columns: []sheet.Column[Seat]{
			{Head: "Grupp", Cell: func(_ context.Context, it journal.Item[Seat], c sheet.Choices) string {
				return labelOf(c["group"], it.Is.Group)
			}},
			{Head: "Uppdrag", Cell: func(_ context.Context, it journal.Item[Seat], _ sheet.Choices) string { return it.Is.Role }},
			{Head: "Företräder", Cell: func(_ context.Context, it journal.Item[Seat], _ sheet.Choices) string { return it.Is.Body }},
			{Head: "Från", Cell: func(ctx context.Context, it journal.Item[Seat], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.From)
			}},
			{Head: "Till", Cell: func(ctx context.Context, it journal.Item[Seat], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.To)
			}},
		},
		Moves: []sheet.Move{{To: Appointed, Label: "Utse", Action: "group.appoint"}, {To: Left, Label: "Avsluta uppdraget", Danger: true}},
		Action: func(action string, it journal.Item[Seat]) string {
			switch {
			case action == "project.read":
			case it.Is.Kind == "":
				return "project.read" // a new one: the guard asks when the group is known
			case byOrderer(it.Is.Kind):
				return "steering" + action[len("group"):]
			}
			return action
		},
		Guard: o.guardSeat,
		After: o.seated,
	}
}

func labelOf(list []web.Option, item journal.ID) string {
	for _, x := range list {
		if x.Value == id.String(item) {
			return x.Label
		}
	}
	return ""
}

// guardSeat holds who may propose and appoint against the kind of the group,
// and finds the person.
func (o *Room) guardSeat(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Seat], from string) error {
	g, err := o.groups.Noun.Get(ctx, tx, it.Is.Group)
	if err != nil || g.Project != p.ID || g.State != Active {
		return field("group", "Välj en av projektets grupper.")
	}
	it.Is.Kind = g.Is.Kind
	action := "group.propose"
	if it.State == Appointed && from != Appointed {
		action = "group.appoint"
	}
	if byOrderer(g.Is.Kind) {
		action = "steering" + action[len("group"):]
	}
	// An appointment by a recorded decision has its right from the body.
	if it.Is.Decision == 0 {
		if err := may(ctx, action, p.Resource); err != nil {
			return err
		}
	}
	roles := groupRoles
	if g.Is.Kind == Leading {
		roles = leadingRoles
	}
	if !slices.Contains(roles, it.Is.Role) {
		return field("role", "Det uppdraget finns inte i den gruppen.")
	}
	x, err := o.deps.PersonByEmail(ctx, tx, it.Is.Email)
	if fail.Is(err, fail.NotFound) {
		return field("email", "Ingen användare har den adressen. Be den som ansvarar för organisationens användare att lägga till personen.")
	}
	if err != nil {
		return err
	}
	it.Is.Person, it.Is.Name = x.ID, x.Name
	if it.State == Left && (it.Is.To == "" || it.Is.To > calendar.Of(tx.Now())) {
		it.Is.To = calendar.Of(tx.Now())
	}
	return o.oneChair(ctx, tx, p, *it)
}

// oneChair keeps a group from having two chairs at the same time.
func (o *Room) oneChair(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Seat]) error {
	if it.Is.Role != ordforande || it.State != Appointed {
		return nil
	}
	all, err := o.seats.Noun.List(ctx, tx, journal.Query{Project: p.ID, State: Appointed})
	for _, s := range all {
		overlaps := (s.Is.To == "" || s.Is.To > it.Is.From) && (it.Is.To == "" || it.Is.To > s.Is.From)
		if s.ID != it.ID && s.Is.Group == it.Is.Group && s.Is.Role == ordforande && overlaps {
			return field("role", "Gruppen har redan en ordförande under den tiden: "+s.Is.Name+".")
		}
	}
	return err
}

// seated keeps the table that rights are read from.
func (o *Room) seated(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Seat], _ string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM seat WHERE item_id = ?`, int64(it.ID)); err != nil || it.State == Proposed {
		return err
	}
	g, err := o.groups.Noun.Get(ctx, tx, it.Is.Group)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO seat (item_id, project_id, group_id, kind, person_id, role, from_day, to_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(it.ID), int64(p.ID), int64(g.ID), g.Is.Kind, int64(it.Is.Person), it.Is.Role, string(it.Is.From), string(it.Is.To))
	return err
}

// Sitting is somebody who sits in a group on a day.
type Sitting struct {
	Person              who.PersonID
	Name, Email         string
	Role, Body, Politic string
	Seat                journal.ID
}

// Members lists those who are appointed to a group and sit in it on the day.
func (o *Room) Members(ctx context.Context, q db.Q, p who.ProjectID, group journal.ID, day calendar.Date, at Moment) ([]Sitting, error) {
	all, err := o.seats.Noun.List(ctx, q, journal.Query{Project: p, At: at})
	var out []Sitting
	for _, s := range all {
		x := s.Is
		if s.State != Proposed && x.Group == group && x.From <= day && (x.To == "" || x.To > day) {
			out = append(out, Sitting{x.Person, x.Name, x.Email, x.Role, x.Body, x.Politic, s.ID})
		}
	}
	return out, err
}

// Grouping is a group for those who call its members to a meeting.
type Grouping struct {
	ID   journal.ID
	Name string
	Kind string
}

// Groups lists the project's active groups.
func (o *Room) Groups(ctx context.Context, q db.Q, p who.ProjectID) ([]Grouping, error) {
	list, err := o.groups.Noun.List(ctx, q, journal.Query{Project: p, State: Active})
	var out []Grouping
	for _, g := range list {
		out = append(out, Grouping{g.ID, g.Is.Name, g.Is.Kind})
	}
	return out, err
}

// AddGroup makes a group.
func (o *Room) AddGroup(ctx context.Context, p who.ProjectID, g Group) (journal.ID, error) {
	it, err := o.groups.Add(ctx, p, 0, g, "")
	return it.ID, err
}

// Seat proposes and appoints in one step, for those who may do both.
func (o *Room) Seat(ctx context.Context, p who.ProjectID, s Seat) error {
	it, err := o.seats.Add(ctx, p, 0, s, "")
	if err != nil {
		return err
	}
	return o.seats.Move(ctx, it.ID, it.Version, Appointed, "", "")
}
