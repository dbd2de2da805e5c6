package interest

import "kommunpilot/base/who"

// Org is an organisation as this room needs it. Code is a municipality's
// official code; Parent the municipality of a district board.
type Org struct {
	ID     who.OrgID
	Code   string
	Name   string
	Kind   string // "kommun", "kommundelsnamnd" ...
	Parent who.OrgID
}

// Person is somebody who holds a role in an organisation today.
type Person struct {
	ID    who.PersonID
	Name  string
	Title string
	Email string
}

// Score is the outcome of one criterion.
type Score struct {
	Criterion string
	Weight    string   // as people write it: "20 %"
	Points    string   // "3,5 av 5"
	Motives   []string // the assessors' words, without their names
}

// Motive is what the assessment tells an applicant after the decision.
type Motive struct {
	Total  string
	Scores []Score
	WhyNot string // the smallest change that would have selected it
	Letter string // the decision letter
}
