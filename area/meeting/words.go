package meeting

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/slot"
)

// noteValues are what is stored at an item, as the form shows it.
func noteValues(x journal.Item[Item]) url.Values {
	n := "-" + id.String(x.ID)
	v := url.Values{}
	for name, value := range map[string]string{"state": x.State, "notes": x.Is.Notes, "proposals": strings.Join(x.Is.Proposals, "\n"), "votes": x.Is.Votes, "outcome": x.Is.Outcome, "decision": x.Is.Decision, "reservations": strings.Join(x.Is.Reservations, "\n")} {
		v.Set(name+n, value)
	}
	return v
}

func number(item journal.ID) string { return id.String(item) }

// when writes day and time.
func (m Meeting) when(ctx context.Context) string {
	return web.Day(ctx, m.Day) + " " + web.T(ctx, "klockan") + " " + strings.ReplaceAll(m.Start, ":", ".")
}

func (v meetingView) facts(ctx context.Context) []web.Fact {
	p := coming(v.invited)
	waiting := 0
	for _, a := range v.invited {
		if a.State == Waits {
			waiting++
		}
	}
	out := []web.Fact{{Term: web.T(ctx, "När"), Value: v.it.Is.when(ctx)}, {Term: web.T(ctx, "Underlag skickas senast"), Value: web.Day(ctx, v.it.Is.latestSend())}}
	if len(v.invited) > 0 {
		out = append(out, web.Fact{Term: web.T(ctx, "Kommer"), Value: web.T(ctx, "%d av %d kallade", p.Persons, len(v.invited))})
	}
	if waiting > 0 {
		out = append(out, web.Fact{Term: web.T(ctx, "På väntelista"), Value: strconv.Itoa(waiting)})
	}
	return out
}

// verdict says what an option of a poll is worth.
func verdict(ctx context.Context, r slot.Result) string {
	var parts []string
	if r.MissingRequired > 0 {
		parts = append(parts, web.N(ctx, r.MissingRequired, "en som måste kunna komma saknas", "%d som måste kunna komma saknas"))
	}
	if r.Short > 0 {
		parts = append(parts, web.T(ctx, "%d för få", r.Short))
	}
	if r.Unmixed {
		parts = append(parts, web.T(ctx, "politiker eller tjänstepersoner saknas"))
	}
	return strings.Join(parts, "; ")
}

// optionText names an option.
func optionText(ctx context.Context, o Option) string {
	return strings.TrimSpace(web.Day(ctx, o.Day) + " " + strings.ReplaceAll(o.Start, ":", ".") + " " + o.Place)
}

// replyOptions are the answers to an option.
func replyOptions(ctx context.Context) []web.Option {
	return []web.Option{{Value: "ja", Label: web.T(ctx, "Ja")}, {Value: "om det behövs", Label: web.T(ctx, "Om det behövs")}, {Value: "nej", Label: web.T(ctx, "Nej")}}
}

// answersForm holds one's own answers. Nobody else writes them, so no version of
// the poll stands in the way.
func (v pollView) answersForm(ctx context.Context) web.Form {
	values := url.Values{}
	for option, a := range v.mine {
		values.Set("svar-"+strconv.FormatInt(option, 10), a)
	}
	for _, x := range v.it.Is.Named {
		if me := who.From(ctx).Person; me != 0 && x.Person == me {
			values.Set("occasion", x.Text)
		}
	}
	f := v.form
	f.Values, f.Version = values, 0
	return f
}

func itoa(n int) string        { return strconv.Itoa(n) }
func i64(n int64) string       { return strconv.FormatInt(n, 10) }
func joined(l []string) string { return strings.Join(l, ", ") }
