package main

import (
	"context"
	"slices"

	"kommunpilot/area/assessment"
	"kommunpilot/area/interest"
	"kommunpilot/area/people"
	"kommunpilot/area/programme"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// What the rooms ask of people, in their own words.

func (r *rooms) programmeOrg(ctx context.Context, q db.Q, org who.OrgID) (programme.Org, error) {
	x, err := r.people.Org(ctx, q, org)
	return programme.Org{ID: x.ID, Name: x.Name, Code: x.Code}, err
}

func (r *rooms) programmeOrgByCode(ctx context.Context, q db.Q, code string) (programme.Org, error) {
	org, err := r.people.OrgByCode(ctx, q, code)
	if err != nil {
		return programme.Org{}, err
	}
	return r.programmeOrg(ctx, q, org)
}

func (r *rooms) interestOrg(ctx context.Context, q db.Q, org who.OrgID) (interest.Org, error) {
	x, err := r.people.Org(ctx, q, org)
	return interest.Org{ID: x.ID, Code: x.Code, Name: x.Name, Kind: string(x.Kind), Parent: x.Parent}, err
}

func (r *rooms) interestOrgByCode(ctx context.Context, q db.Q, code string) (interest.Org, error) {
	org, err := r.people.OrgByCode(ctx, q, code)
	if err != nil {
		return interest.Org{}, err
	}
	return r.interestOrg(ctx, q, org)
}

func (r *rooms) interestPeople(ctx context.Context, q db.Q, org who.OrgID, pid who.ProgrammeID, roles ...who.Role) ([]interest.Person, error) {
	var out []interest.Person
	for _, role := range roles {
		list, err := r.people.PersonsWithRoleIn(ctx, q, role, org, pid)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if !slices.ContainsFunc(out, func(p interest.Person) bool { return p.ID == x.ID }) {
				out = append(out, interest.Person{ID: x.ID, Name: x.Name, Title: role.Name(), Email: x.Email})
			}
		}
	}
	return out, nil
}

// assessors lists those with the role in any of the organisations.
func (r *rooms) assessors(ctx context.Context, q db.Q, owners []who.OrgID) ([]assessment.Person, error) {
	var out []assessment.Person
	for _, org := range owners {
		list, err := r.people.PersonsWithRole(ctx, q, who.Bedomare, org)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if !slices.ContainsFunc(out, func(p assessment.Person) bool { return p.ID == x.ID }) {
				out = append(out, assessment.Person{ID: x.ID, Name: x.Name})
			}
		}
	}
	return out, nil
}

// recipients gives the addresses of those who answer for organisations.
func (r *rooms) recipients(ctx context.Context, q db.Q, orgs []who.OrgID) ([]string, error) {
	var out []string
	for _, org := range orgs {
		for _, role := range []who.Role{who.Foretradare, who.Kommunkontakt} {
			list, err := r.people.EmailsWithRole(ctx, q, role, org)
			if err != nil {
				return nil, err
			}
			for _, address := range list {
				if !slices.Contains(out, address) {
					out = append(out, address)
				}
			}
		}
	}
	return out, nil
}

// peopleProgrammes lists the programmes for granting roles in one of them.
func (r *rooms) peopleProgrammes(ctx context.Context, q db.Q) ([]people.Programme, error) {
	list, err := r.programme.Programmes(ctx, q)
	var out []people.Programme
	for _, p := range list {
		x := people.Programme{ID: p.ID, Name: p.Name}
		for _, o := range p.Owners {
			x.Owners = append(x.Owners, o.ID)
		}
		out = append(out, x)
	}
	return out, err
}
