// Package audit keeps the log of every act, written in the same transaction
// as the act itself and chained by hashes, so that a later change shows.
//
// An entry names the person by number only. What an act carried (Data) is
// outside the chain but for its salted hash: it can be erased, with its salt,
// while the chain still verifies.
package audit

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

//go:embed schema
var schema embed.FS

// Schema is the log's migrations.
func Schema() fs.FS { return db.Sub(schema) }

// Entry is one act. Act is a policy action ("call.publish"); Object is a kind
// and number ("call:7"). Reason is the person's motive where one is asked for.
type Entry struct {
	Act       string
	Object    string
	Programme who.ProgrammeID
	Org       who.OrgID
	Reason    string
	Data      any
}

// Record is an entry as it was stored.
type Record struct {
	Seq       int64
	At        time.Time
	Kind      who.Kind
	Person    who.PersonID
	Act       string
	Object    string
	Programme who.ProgrammeID
	Org       who.OrgID
	Reason    string
	Data      string // JSON; "" when erased
	Salt      string
	DataHash  string
	Hash      string
}

// Log writes the entry when the transaction is about to be stored, by the
// actor of the context.
func Log(ctx context.Context, tx *db.Tx, e Entry) {
	actor := who.From(ctx)
	tx.MarkAudited()
	tx.BeforeCommit(func(ctx context.Context) error { return add(ctx, tx, actor, e) })
}

// head is read and held until the end of the transaction. SQLite has one
// writer, so nothing need be held there.
const (
	headSQLite   = `SELECT seq, hash FROM audit_head WHERE one = 1`
	headPostgres = `SELECT seq, hash FROM audit_head WHERE one = 1 FOR UPDATE`
)

func add(ctx context.Context, tx *db.Tx, actor who.Actor, e Entry) error {
	data := ""
	if e.Data != nil {
		b, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("audit: %s: %w", e.Act, err)
		}
		data = string(b)
	}
	query := headSQLite
	if tx.Dialect() == db.Postgres {
		query = headPostgres
	}
	last, err := db.One(ctx, tx, func(r db.Row) (h Record, err error) { return h, r.Scan(&h.Seq, &h.Hash) }, query)
	if err != nil {
		return err
	}
	r := Record{
		Seq: last.Seq + 1, At: tx.Now(), Kind: actor.Kind, Person: actor.Person,
		Act: e.Act, Object: e.Object, Programme: e.Programme, Org: e.Org, Reason: e.Reason,
		Data: data, Salt: id.Token(),
	}
	r.DataHash = hash(r.Salt, r.Data)
	r.Hash = r.chain(last.Hash)
	if _, err := tx.Exec(ctx, `INSERT INTO audit (seq, at, kind, person_id, act, object, programme_id, org_id, reason, data, salt, data_hash, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Seq, r.At, int(r.Kind), int64(r.Person), r.Act, r.Object, int64(r.Programme), int64(r.Org), r.Reason, r.Data, r.Salt, r.DataHash, r.Hash); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE audit_head SET seq = ?, hash = ? WHERE one = 1`, r.Seq, r.Hash)
	return err
}

// chain is the hash of the entry after the entry whose hash is previous.
func (r Record) chain(previous string) string {
	return hash(previous, strconv.FormatInt(r.Seq, 10), r.At.UTC().Format(time.RFC3339Nano),
		strconv.Itoa(int(r.Kind)), id.String(r.Person), r.Act, r.Object,
		id.String(r.Programme), id.String(r.Org), r.Reason, r.DataHash)
}

// hash is SHA-256 over the parts, each with its length, so that no two lists
// of parts give the same text.
func hash(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

const columns = `seq, at, kind, person_id, act, object, programme_id, org_id, reason, data, salt, data_hash, hash`

func scan(r db.Row) (x Record, err error) {
	return x, r.Scan(&x.Seq, &x.At, &x.Kind, &x.Person, &x.Act, &x.Object, &x.Programme, &x.Org, &x.Reason, &x.Data, &x.Salt, &x.DataHash, &x.Hash)
}

// Of lists the newest entries about an object, at most limit.
func Of(ctx context.Context, q db.Q, object string, limit int) ([]Record, error) {
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit WHERE object = ? ORDER BY seq DESC LIMIT ?`, object, limit)
}

// Before lists entries with a number below seq (0: from the newest), newest
// first, at most limit.
func Before(ctx context.Context, q db.Q, seq int64, limit int) ([]Record, error) {
	if seq == 0 {
		seq = 1 << 62
	}
	return db.All(ctx, q, scan, `SELECT `+columns+` FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`, seq, limit)
}

// Erase removes what an entry carried, and its salt; the chain still verifies.
func Erase(ctx context.Context, tx *db.Tx, seq int64) error {
	_, err := tx.Exec(ctx, `UPDATE audit SET data = '', salt = '' WHERE seq = ?`, seq)
	return err
}

// Verified is the outcome of Verify.
type Verified struct {
	Entries int64
	Erased  int64
	Hash    string // of the last entry: print it and keep it elsewhere
}

// batch is how many entries Verify holds at once.
const batch = 2000

// Verify follows the whole chain. An error names the first entry at which it
// is broken. O(n) time, constant memory.
func Verify(ctx context.Context, q db.Q) (Verified, error) {
	var v Verified
	for {
		page, err := db.All(ctx, q, scan, `SELECT `+columns+` FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`, v.Entries, batch)
		if err != nil {
			return v, err
		}
		for _, r := range page {
			if r.Seq != v.Entries+1 {
				return v, fmt.Errorf("audit: entry %d is missing", v.Entries+1)
			}
			erased := r.Salt == "" && r.Data == ""
			if !erased && r.DataHash != hash(r.Salt, r.Data) {
				return v, fmt.Errorf("audit: what entry %d carried has been changed", r.Seq)
			}
			if r.Hash != r.chain(v.Hash) {
				return v, fmt.Errorf("audit: entry %d has been changed, or one before it was removed", r.Seq)
			}
			v.Entries, v.Hash = r.Seq, r.Hash
			if erased {
				v.Erased++
			}
		}
		if len(page) < batch {
			break
		}
	}
	head, err := db.One(ctx, q, func(r db.Row) (h Record, err error) { return h, r.Scan(&h.Seq, &h.Hash) }, headSQLite)
	if err != nil {
		return v, err
	}
	if head.Seq != v.Entries || head.Hash != v.Hash {
		return v, fmt.Errorf("audit: the log ends at entry %d, but %d were written", v.Entries, head.Seq)
	}
	return v, nil
}
