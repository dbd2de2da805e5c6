package room

import (
	"context"

	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/who"
)

// The acts below are those of the pages, for programs that carry them out for
// somebody: the examples and integrations.

// Log writes in the running log.
func (o *Room) Log(ctx context.Context, p who.ProjectID, l LogEntry) error {
	_, err := o.logs.Add(ctx, p, 0, l, "")
	return err
}

// AddRisk notes a risk.
func (o *Room) AddRisk(ctx context.Context, p who.ProjectID, r Risk) (journal.ID, error) {
	it, err := o.risks.Add(ctx, p, 0, r, "")
	return it.ID, err
}

// Act notes an action.
func (o *Room) Act(ctx context.Context, p who.ProjectID, a Action) error {
	_, err := o.actions.Add(ctx, p, 0, a, "")
	return err
}

// RequestChange reports a change and takes it up for preparation.
func (o *Room) RequestChange(ctx context.Context, p who.ProjectID, c Change) (journal.ID, error) {
	it, err := o.changes.Add(ctx, p, 0, c, "")
	if err != nil {
		return 0, err
	}
	return it.ID, o.changes.Move(ctx, it.ID, it.Version, ChangePrepared, "", "")
}

// AskResearch adds a question of the accompanying research.
func (o *Room) AskResearch(ctx context.Context, p who.ProjectID, x Question) error {
	_, err := o.questions.Add(ctx, p, 0, x, "")
	return err
}

// Draft begins a document.
func (o *Room) Draft(ctx context.Context, p who.ProjectID, x Document) (journal.ID, error) {
	it, err := o.documents.Add(ctx, p, 0, x, "")
	return it.ID, err
}

// Prepare begins a matter that a group prepares for the steering group.
func (o *Room) Prepare(ctx context.Context, p who.ProjectID, b Brief) (journal.ID, error) {
	it, err := o.briefs.Add(ctx, p, 0, b, "")
	return it.ID, err
}

// Clerks carry out the acts of the room's pages for a program.
func (o *Room) Clerks() []sheet.Clerk {
	return []sheet.Clerk{o.phases.Clerk(), o.gates.Clerk(), o.groups.Clerk(), o.seats.Clerk(), o.logs.Clerk(), o.decisions.Clerk(), o.actions.Clerk(), o.risks.Clerk(),
		o.deviations.Clerk(), o.changes.Clerk(), o.briefs.Clerk(), o.documents.Clerk(), o.reports.Clerk(), o.questions.Clerk(), o.researches.Clerk()}
}
