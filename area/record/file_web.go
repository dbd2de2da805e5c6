package record

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// postFile adds a document, or a new version of one of the same name.
func (o *Room) postFile(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	ctx := r.Context()
	// Before a byte is read: nobody else may fill the disk.
	if err := o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.deps.Project(ctx, q, pid)
		if err != nil {
			return err
		}
		return may(ctx, "record.write", p.Resource)
	}); err != nil {
		return err
	}
	f, err := web.Bind(r, o.deps.MaxUpload+1<<20)
	if err != nil {
		return err
	}
	file, head, err := r.FormFile("fil")
	if err != nil {
		return fail.New(fail.Invalid, "Välj en fil.")
	}
	defer func() { _ = file.Close() }() // only read
	kind, err := blob.Sniff(head.Filename, file)
	if err != nil {
		return err
	}
	ref, err := o.deps.Files.Put(ctx, file, o.deps.MaxUpload)
	if err != nil {
		return err
	}
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.entries.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if it.Project != pid {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		if err := may(ctx, "record.write", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		if it.State == Disposed {
			return fail.New(fail.Conflict, "Posten är gallrad. Den kan inte få nya filer.")
		}
		version := 1
		for _, x := range it.Is.Documents {
			if x.Name == head.Filename {
				version = x.Version + 1
			}
		}
		it.Is.Documents = append(it.Is.Documents, Document{Name: head.Filename, Type: kind.Type, Hash: ref.Hash, Size: ref.Size, Version: version, Added: tx.Now()})
		return o.entries.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "record.write", Reason: "Fil"})
	})
	if err != nil && !errors.Is(err, db.ErrTwice) {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Filen är registrerad."))
	return web.Redirect(w, r, o.entries.Href(pid, item))
}

// file gives one of an entry's documents.
func (o *Room) file(w http.ResponseWriter, r *http.Request) error {
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("nr"))
	if err != nil {
		return fail.New(fail.NotFound, "Sidan finns inte.")
	}
	ctx := r.Context()
	var d Document
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		it, err := o.entries.Noun.Get(ctx, q, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, q, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "record.read", p.Resource); err != nil {
			return err
		}
		if n < 1 || n > len(it.Is.Documents) {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		d = it.Is.Documents[n-1]
		return nil
	})
	if err != nil {
		return err
	}
	return o.send(w, r, d, n)
}

// send gives a document, to be saved and not shown.
func (o *Room) send(w http.ResponseWriter, r *http.Request, d Document, n int) error {
	content, err := o.deps.Files.Open(r.Context(), d.Hash)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	w.Header().Set("Content-Type", d.Type)
	w.Header().Set("Content-Disposition", `attachment; filename="handling-`+strconv.Itoa(n)+`"`)
	w.Header().Set("Content-Length", strconv.FormatInt(d.Size, 10))
	_, err = io.Copy(w, content)
	return err
}
