package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// Taken is what became of a message that was mailed in.
type Taken struct {
	Message journal.ID
	Again   bool // it was here already, and nothing was changed
	Files   int  // its attachments
}

// TakeMail takes a message in to a project's diarium, whole or not at all. A
// message with an identity that the project has already changes nothing and
// says so. A message that cannot be read is fail.Invalid.
func (o *Room) TakeMail(ctx context.Context, pid who.ProjectID, r io.Reader) (t Taken, err error) {
	// Before a byte is read: nobody else may fill the disk.
	if err := o.deps.DB.Read(ctx, func(q db.Q) error { _, err := o.mayMail(ctx, q, pid); return err }); err != nil {
		return t, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return t, fmt.Errorf("record: read the message: %w", err)
	}
	m, err := parseMail(raw)
	if err != nil {
		return t, err
	}
	sum := sha256.Sum256([]byte(m.ID))
	identity := hex.EncodeToString(sum[:])
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		t, err = known(ctx, q, pid, identity)
		return err
	})
	if err != nil || t.Again {
		return t, err
	}
	// Files first: where the transaction fails, they are left unused.
	docs, err := o.putMail(ctx, raw, m)
	if err != nil {
		return t, err
	}
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		t, err = o.takeIn(ctx, tx, pid, identity, m, docs)
		if err == nil && t.Again {
			err = errAgain
		}
		return err
	})
	if fail.Is(err, fail.Conflict) && t.Again {
		return t, nil
	}
	return t, err
}

// errAgain rolls back the taking of what somebody else took meanwhile.
var errAgain = fail.New(fail.Conflict, "Meddelandet har redan kommit in.")

// mayMail gives the project to who may take messages in to it.
func (o *Room) mayMail(ctx context.Context, q db.Q, pid who.ProjectID) (journal.Project, error) {
	p, err := o.deps.Project(ctx, q, pid)
	if err != nil {
		return p, err
	}
	if err := may(ctx, "record.mail", p.Resource); err != nil {
		return p, err
	}
	if p.Closed {
		return p, fail.New(fail.Conflict, "Projektet är avslutat. Inga fler meddelanden tas emot.")
	}
	return p, nil
}

// known finds the message that has an identity in the project.
func known(ctx context.Context, q db.Q, pid who.ProjectID, identity string) (Taken, error) {
	found, err := db.Values[int64](ctx, q, `SELECT item_id FROM mail_message WHERE project_id = ? AND identity = ?`, int64(pid), identity)
	if err != nil || len(found) == 0 {
		return Taken{}, err
	}
	return Taken{Message: journal.ID(found[0]), Again: true}, nil
}

// putMail stores the message and its attachments. What kind of file each is,
// is read from its bytes; what the message says of it is not trusted.
func (o *Room) putMail(ctx context.Context, raw []byte, m Mailed) ([]Document, error) {
	var docs []Document
	put := func(name, kind string, data []byte) error {
		ref, err := o.deps.Files.Put(ctx, bytes.NewReader(data), maxBytes)
		docs = append(docs, Document{Name: name, Type: kind, Hash: ref.Hash, Size: ref.Size, Version: 1})
		return err
	}
	name := "Meddelandet.eml"
	for _, f := range m.Files {
		if f.Name == name {
			name = "Meddelandet (hela).eml"
		}
	}
	if err := put(name, "message/rfc822", raw); err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if err := put(f.Name, http.DetectContentType(f.Data), f.Data); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

func (o *Room) takeIn(ctx context.Context, tx *db.Tx, pid who.ProjectID, identity string, m Mailed, docs []Document) (t Taken, err error) {
	p, err := o.mayMail(ctx, tx, pid)
	if err != nil {
		return t, err
	}
	for i := range docs {
		docs[i].Added = tx.Now()
	}
	it, err := o.messages.AddIn(ctx, tx, p, 0, Message{Identity: m.ID, Claimed: m.Claimed, Subject: m.Subject, Stated: m.Date, Came: tx.Now(), Body: m.Body, Trail: m.Trail, Documents: docs})
	if err != nil {
		return t, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO mail_message (project_id, identity, item_id) VALUES (?, ?, ?) ON CONFLICT (project_id, identity) DO NOTHING`, int64(pid), identity, int64(it.ID))
	if err != nil {
		return t, err
	}
	if n == 0 { // two at once: the other was first
		return known(ctx, tx, pid, identity)
	}
	return Taken{Message: it.ID, Files: len(m.Files)}, nil
}

// enter registers a message in one act: the matter if it is new, the entry
// with its number by the room's own act, the message's documents as the
// entry's, and the message as registered.
func (o *Room) enter(ctx context.Context, pid who.ProjectID, item journal.ID, version int64, r registration, once string) (made journal.Item[Entry], err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if err := o.mayEnter(ctx, tx, pid, item); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		made, err = o.enterIn(ctx, tx, pid, item, version, r)
		return err
	})
	return made, err
}

func (o *Room) mayEnter(ctx context.Context, q db.Q, pid who.ProjectID, item journal.ID) error {
	p, err := o.mayMail(ctx, q, pid)
	if err != nil {
		return err
	}
	if err := may(ctx, "record.write", p.Resource); err != nil {
		return err
	}
	it, err := o.messages.Noun.Get(ctx, q, item)
	if err == nil && it.Project != pid {
		err = fail.New(fail.NotFound, "Sidan finns inte.")
	}
	return err
}

func (o *Room) enterIn(ctx context.Context, tx *db.Tx, pid who.ProjectID, item journal.ID, version int64, r registration) (made journal.Item[Entry], err error) {
	p, err := o.deps.Project(ctx, tx, pid)
	if err != nil {
		return made, err
	}
	it, err := o.messages.Noun.Get(ctx, tx, item)
	if err != nil {
		return made, err
	}
	if err := o.messages.Noun.May(it.State, Entered, ""); err != nil {
		return made, err
	}
	if err := fail.Fields(checkRegistration(r)...); err != nil {
		return made, err
	}
	e := r.entry
	e.Direction, e.Documents, e.Matter = "in", it.Is.Documents, r.matter
	if r.matter == 0 {
		m, err := o.matters.AddIn(ctx, tx, p, 0, Matter{Title: r.title, Code: r.code, Responsible: r.who})
		if err != nil {
			return made, err
		}
		e.Matter = m.ID
	}
	if made, err = o.entries.AddIn(ctx, tx, p, 0, e); err != nil {
		return made, err
	}
	it.State, it.Version, it.Is.Entry, it.Is.Number = Entered, version, made.ID, made.Is.Number
	return made, o.messages.SaveIn(ctx, tx, p, it, Came, journal.Act{Name: "record.mail"})
}

// disposeMessages lets what was mailed in go with the entries that it became.
func (o *Room) disposeMessages(ctx context.Context, tx *db.Tx, p journal.Project, entries []journal.Item[Entry], act journal.Act) error {
	gone := map[journal.ID]bool{}
	for _, e := range entries {
		gone[e.ID] = true
	}
	list, err := o.messages.Noun.List(ctx, tx, journal.Query{Project: p.ID, State: Entered})
	if err != nil {
		return err
	}
	for _, it := range list {
		if !gone[it.Is.Entry] {
			continue
		}
		it.State, it.Is = Disposed, Message{Came: it.Is.Came, Entry: it.Is.Entry, Number: it.Is.Number, Subject: "Gallrat enligt " + act.Reason}
		if err := o.messages.Noun.Save(ctx, tx, p, it, act); err != nil {
			return err
		}
		if err := journal.Forget(ctx, tx, it.ID); err != nil {
			return err
		}
	}
	return nil
}
