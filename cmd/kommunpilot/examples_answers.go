package main

import (
	"context"
	"errors"
	"fmt"

	"kommunpilot/area/interest"
	"kommunpilot/area/people"
	"kommunpilot/area/programme"
	"kommunpilot/base/db"
	"kommunpilot/base/kommun"
	"kommunpilot/base/who"
)

// answers sends in every example answer, and decides that it is eligible.
func (e *examples) answers(ctx context.Context, cid programme.CallID) error {
	for i, p := range examplePilots {
		if err := e.answer(ctx, interest.CallID(cid), i, p); err != nil {
			return fmt.Errorf("answer %v: %w", p.codes, err)
		}
	}
	return nil
}

func (e *examples) answer(ctx context.Context, cid interest.CallID, i int, p examplePilot) error {
	lead := p.codes[0]
	org, contact, sign := e.orgs[lead], e.contact(lead), e.representative(lead)
	if p.board != "" {
		board, err := e.districtBoard(ctx, org, p.board)
		if err != nil {
			return err
		}
		org = board
	}
	n := e.rooms.interest
	a, err := n.Start(contact, interest.Starting{Call: cid, Org: org, Kinds: []string{p.kind}, Joint: len(p.codes) > 1})
	if err != nil {
		return err
	}
	for _, code := range p.codes[1:] {
		if err := n.InviteApplicant(contact, a, code, ""); err != nil {
			return err
		}
		if err := n.AnswerApplicant(e.representative(code), a, e.orgs[code], true, ""); err != nil {
			return err
		}
	}
	if err := e.fill(contact, a, lead, p); err != nil {
		return err
	}
	if err := n.Submit(sign, a, interest.Sending{}); err != nil {
		return err
	}
	if i >= len(examplePilots)-exampleLeft {
		return nil // left for the newcomer to judge
	}
	return n.DecideEligibility(e.as["handlaggare@tillvaxtverket.example"], a, interest.Judging{Eligible: true, Motive: "Alla formella krav är uppfyllda."})
}

// exampleLeft is how many answers wait for someone to judge their eligibility.
const exampleLeft = 2

// districtBoard makes a board that applies for its municipality, with the
// municipality's people.
func (e *examples) districtBoard(ctx context.Context, parent who.OrgID, name string) (board who.OrgID, err error) {
	err = e.db.Write(ctx, func(tx *db.Tx) (err error) {
		board, err = e.rooms.people.CreateOrganisation(ctx, tx, people.Organisation{Kind: people.Kommundelsnamnd, Name: name, Parent: parent})
		return err
	})
	return board, err
}

// fill writes the pages of an answer. The texts are made up, and say so.
func (e *examples) fill(ctx context.Context, a interest.ApplicationID, code string, p examplePilot) error {
	k, _ := kommun.Default().ByCode(code)
	n := e.rooms.interest
	var x interest.Application
	if err := e.db.Read(ctx, func(q db.Q) (err error) { x, err = n.Application(ctx, q, a); return err }); err != nil {
		return err
	}
	answers := interest.Answers{
		"lage":      "Exempeltext. I " + k.Name + " har en del av invånarna långt till butik, drivmedel och kontanter, och två byar har just en butik kvar.",
		"gora":      "Exempeltext. Vi vill kartlägga hela kommunens service, prova en servicepunkt där butik och kommun delar lokal, och ta fram en serviceplan.",
		"samverkan": "Exempeltext. Byföreningar, handlare, posten och grannkommuner.",
		"efter":     "Exempeltext. Serviceplanen blir en del av översiktsplanen, och en tjänst finns kvar i budgeten.",
		"nytt":      "Exempeltext. Bemanning som delas mellan bibliotek, butik och hemtjänst.",
	}
	commitments := interest.Commitments{}
	for _, r := range x.Form.Requirements {
		commitments[r.ID] = interest.Commitment{Yes: true, How: "Exempeltext. Projektledaren och kommunchefen ansvarar."}
	}
	total := int64(1_800_000_00 + 10_000_00*len(p.codes))
	budget := interest.Budget{Costs: []interest.Cost{{Text: "Projektledare", Ore: total - 200_000_00}, {Text: "Resor och möten", Ore: 200_000_00}}, Grant: total * 60 / 100, About: "Exempelsiffror"}
	budget.Own = total - budget.Grant
	contact := interest.Contact{Reference: "KS 2026/" + code, People: []interest.ContactPerson{{Name: "Kommunkontakt", Title: "Landsbygdsutvecklare", Unit: "Kommunledningskontoret", Email: "kontakt@" + code + ".example", Phone: "0000-000 00"}}}
	_, err1 := n.SaveContact(ctx, a, x.Versions["kontakt"], contact)
	_, err2 := n.SaveAnswers(ctx, a, x.Versions["svar"], answers)
	_, err3 := n.SaveCommitments(ctx, a, x.Versions["ataganden"], commitments)
	_, err4 := n.SaveBudget(ctx, a, x.Versions["budget"], budget)
	return errors.Join(err1, err2, err3, err4)
}
