package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// RecordCmd serves the diarium from outside.
type RecordCmd struct {
	MailIn MailInCmd `cmd:"" name:"mail-in" help:"Take in a message that was mailed to a project's diarium."`
}

// MailInCmd takes in one message; a mail server pipes it in.
type MailInCmd struct {
	Store

	Project int64  `required:"" placeholder:"N" help:"The project: the number in its page's address."`
	File    string `arg:"" optional:"" default:"-" placeholder:"FILE.eml" help:"The message; - for standard input."`
}

// The exit codes that a mail server understands (sysexits).
const (
	exitBadMessage = 65 // the message cannot be taken: bounce it
	exitTryAgain   = 75 // try again later
)

// mailLimit is the largest message that is read, bytes, and one more.
const mailLimit = 40<<20 + 1

// Help tells how a mail server uses it.
func (MailInCmd) Help() string {
	return `Takes one message (RFC 5322) in to the project's diarium, where it waits for the registrar. The same message
is taken once. docs/mail-in.md shows how a mail server pipes messages to it.

Exit codes: 0 taken, or there already; 65 the message cannot be taken (its form, its size, the project is
closed); 75 the database or the disk does not answer: try again.`
}

// Run takes the message in.
func (c *MailInCmd) Run(ctx context.Context, out *Streams) error {
	var data []byte
	var err error
	if c.File == "-" {
		data, err = io.ReadAll(io.LimitReader(os.Stdin, mailLimit))
	} else {
		data, err = readLimited(c.File, mailLimit)
	}
	if err != nil {
		return &exitError{exitBadInput, fmt.Errorf("%s går inte att läsa: %w", c.File, err)}
	}
	err = c.rooms(ctx, func(ctx context.Context, r *rooms, _ *db.DB) error {
		item, taken, err := r.record.TakeIn(ctx, who.ProjectID(c.Project), data, "")
		if err != nil {
			return err
		}
		said := "intaget"
		if !taken {
			said = "har kommit in förut"
		}
		_, _ = fmt.Fprintf(out.Out, "/projekt/%d/inkommande/%d: %s\n", c.Project, item, said)
		return nil
	})
	switch {
	case err == nil:
		return nil
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict), fail.Is(err, fail.NotFound):
		return &exitError{exitBadMessage, errors.New(fail.As(err).Message)}
	}
	return &exitError{exitTryAgain, err}
}
