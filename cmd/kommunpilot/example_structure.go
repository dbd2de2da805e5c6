package main

import (
	"context"

	"kommunpilot/base/who"
	"kommunpilot/engine/example"
)

// structurePlan gives a model run its plan: the text of a .scenario file.
func (p *player) structurePlan(ctx context.Context, l example.Line) (int64, error) {
	v, err := p.values(ctx, l)
	if err != nil {
		return 0, err
	}
	item, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	return 0, p.rooms.structure.SetPlan(ctx, item, v.Get("file"))
}

// structureCount computes a model run.
func (p *player) structureCount(ctx context.Context, l example.Line) (int64, error) {
	item, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	return 0, p.rooms.structure.CountNow(ctx, item)
}

// structureApprove is a municipality's approval of the result.
func (p *player) structureApprove(ctx context.Context, l example.Line) (int64, error) {
	item, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	orgs := who.From(ctx).Orgs(who.Foretradare)
	for _, org := range orgs {
		if err := p.rooms.structure.Approve(ctx, item, org, 0, ""); err != nil {
			return 0, err
		}
	}
	return 0, nil
}
