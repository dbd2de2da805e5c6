package interest

import (
	"context"
	"io"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// Upload is a file that somebody sends.
type Upload struct {
	Name  string
	About string
	Body  io.ReadSeeker // *os.File or *bytes.Reader: Office files are read at offsets
}

// stored checks a file by its content and puts it away, before the transaction
// that speaks of it.
func (n *Room) stored(ctx context.Context, u Upload) (Attachment, error) {
	f := Attachment{Name: cleanName(u.Name), About: tidy(u.About)}
	kind, err := blob.Sniff(f.Name, u.Body)
	if err != nil {
		if fail.Is(err, fail.Invalid) {
			return f, fail.Fields(fail.Field{Name: "file", Message: fail.As(err).Message})
		}
		return f, err
	}
	f.Type = kind.Type
	ref, err := n.deps.Files.Put(ctx, u.Body, n.deps.MaxUpload)
	f.Hash, f.Size = ref.Hash, ref.Size
	return f, err
}

// Attach adds a file to the application.
func (n *Room) Attach(ctx context.Context, a ApplicationID, u Upload, token string) (made AttachmentID, err error) {
	var f Attachment
	if err := n.deps.DB.Read(ctx, func(q db.Q) error { // before anything is stored
		_, err := n.canAttach(ctx, q, a)
		return err
	}); err != nil {
		return 0, err
	}
	var p problems
	p.line("about", u.About)
	if err := fail.Fields(p...); err != nil {
		return 0, err
	}
	if f, err = n.stored(ctx, u); err != nil {
		return 0, err
	}
	err = n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := n.hold(ctx, tx, a); err != nil {
			return err
		}
		m, err := n.canAttach(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		if len(m.Attachments) >= maxAttachments {
			return fail.Fields(fail.Field{Name: "file", Message: "Högst 30 bilagor kan läggas till."})
		}
		made, err = db.Insert[AttachmentID](ctx, tx, `INSERT INTO attachment (application_id, name, about, type, size, hash, at, person_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			int64(a), f.Name, f.About, f.Type, f.Size, f.Hash, tx.Now(), int64(who.From(ctx).Person))
		if err != nil {
			return err
		}
		m.log(ctx, tx, "application.edit", "", map[string]any{"attached": f.Name, "hash": f.Hash})
		return nil
	})
	return made, err
}

// canAttach reads the application for somebody who may add or remove files now.
func (n *Room) canAttach(ctx context.Context, q db.Q, a ApplicationID) (matter, error) {
	m, err := n.matter(ctx, q, a)
	if err != nil {
		return m, err
	}
	if err := may(ctx, "application.edit", m.editable()); err != nil {
		return m, err
	}
	open, err := openCompletion(ctx, q, a)
	if err != nil {
		return m, err
	}
	return m, m.mayChange("bilagor", open)
}

// Detach removes a file from the application; that it was there stays in the
// log, and in what has already been sent.
func (n *Room) Detach(ctx context.Context, a ApplicationID, f AttachmentID, token string) error {
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := n.hold(ctx, tx, a); err != nil {
			return err
		}
		m, err := n.canAttach(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, token); err != nil {
			return err
		}
		rows, err := tx.Exec(ctx, `UPDATE attachment SET removed_at = ? WHERE id = ? AND application_id = ? AND removed_at IS NULL`, tx.Now(), int64(f), int64(a))
		if err != nil {
			return err
		}
		if rows == 0 {
			return fail.New(fail.NotFound, "Bilagan finns inte.")
		}
		m.log(ctx, tx, "application.edit", "", map[string]any{"detached": f})
		return nil
	})
}

// HasFile tells whether an attachment or a municipality's decision is the file
// with the hash.
func (n *Room) HasFile(ctx context.Context, q db.Q, hash string) (bool, error) {
	found, err := db.Value[int64](ctx, q, `SELECT (SELECT count(*) FROM attachment WHERE hash = ?) + (SELECT count(*) FROM municipal_decision WHERE file_hash = ?)`, hash, hash)
	return found > 0, err
}
