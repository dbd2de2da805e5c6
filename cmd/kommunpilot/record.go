package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"kommunpilot/area/record"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// The exit codes that a mail server understands (sysexits.h): a bad message is
// sent back, anything that may pass is tried again.
const (
	exitBadMessage = 65
	exitTryAgain   = 75
)

// RecordCmd is what comes in to the diarium from outside.
type RecordCmd struct {
	MailIn MailInCmd `cmd:"" name:"mail-in" help:"Take a message in to a project's diarium, from a file or a mail server's pipe."`
}

// MailInCmd takes a message in.
type MailInCmd struct {
	Store

	File    string `arg:"" placeholder:"FILE|-" help:"The message (.eml), or - for standard input."`
	Project int64  `required:"" placeholder:"N" help:"The project that takes the message in: the number in its page's address."`
}

// Help tells how it is used.
func (MailInCmd) Help() string {
	return `The message waits among the project's received messages until a registrar registers or refuses it. Its
sender is shown as claimed. The same Message-ID is taken once. At most 200 attachments, 40 MB and 10 levels of parts.

Exit codes, for a mail server's pipe: 0 taken, or here already; 65 the message is bad or the project is closed;
75 try again (the database or the disk cannot be reached); 2 wrong use, or no such project. See docs/mail-in.md.`
}

// Run takes the message in.
func (c *MailInCmd) Run(ctx context.Context, out *Streams) (err error) {
	var in io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File) // the name is the operator's
		if err != nil {
			return &exitError{exitBadInput, fmt.Errorf("meddelandet går inte att öppna: %w", err)}
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		in = f
	}
	var t record.Taken
	err = c.rooms(ctx, func(ctx context.Context, r *rooms, _ *db.DB) (err error) {
		t, err = r.record.TakeMail(ctx, who.ProjectID(c.Project), in)
		return err
	})
	switch {
	case fail.Is(err, fail.NotFound):
		return &exitError{exitBadInput, fmt.Errorf("projekt %d finns inte; ange det nummer som står i adressen till projektets sida", c.Project)}
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		return &exitError{exitBadMessage, errors.New(fail.As(err).Message)}
	case err != nil:
		return &exitError{exitTryAgain, fmt.Errorf("meddelandet togs inte emot, försök igen: %w", err)}
	case t.Again:
		_, err = fmt.Fprintf(out.Out, "Meddelandet har redan kommit in: /projekt/%d/inkommet/%d. Inget ändrades.\n", c.Project, t.Message)
	default:
		_, err = fmt.Fprintf(out.Out, "Mottaget: /projekt/%d/inkommet/%d, %d bilagor\n", c.Project, t.Message, t.Files)
	}
	return err
}
