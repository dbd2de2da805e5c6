package main

import (
	"context"
	"errors"
	"fmt"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
)

// VerifyAuditCmd follows the audit log's chain.
type VerifyAuditCmd struct {
	Store
}

// Help says what to do with the answer.
func (VerifyAuditCmd) Help() string {
	return `Prints the number of entries and the hash of the last one. Keep the hash somewhere else, for
instance on paper: whoever rewrites the whole log cannot arrive at the same hash. Ends with code 1
where an entry has been changed or removed, and names the first one.`
}

// Run verifies and prints.
func (c *VerifyAuditCmd) Run(ctx context.Context, out *Streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	v, err := verify(ctx, d)
	if err != nil {
		return errors.Join(&exitError{exitFailed, fmt.Errorf("the audit log is broken: %w", err)}, d.Close())
	}
	_, _ = fmt.Fprintf(out.Out, "entries %d\nerased  %d\nhash    %s\n", v.Entries, v.Erased, v.Hash)
	return d.Close()
}

// verify follows the chain on one consistent state of the database.
func verify(ctx context.Context, d *db.DB) (v audit.Verified, err error) {
	err = d.Read(ctx, func(q db.Q) error {
		v, err = audit.Verify(ctx, q)
		return err
	})
	return v, err
}
