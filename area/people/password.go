package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"kommunpilot/base/fail"
)

// argon are the parameters of argon2id; they stand in every hash, so that a
// change here is taken up at each person's next sign-in.
type argon struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// hashing is OWASP's second choice for argon2id (19 MiB, two passes), some 20
// milliseconds on the machines that we serve from.
var hashing = argon{memory: 19 * 1024, time: 2, threads: 1}

const (
	hashLength = 32
	saltLength = 16
	// hashesAtOnce bounds memory: as many times 19 MiB.
	hashesAtOnce = 4
	// hashWait is how long a sign-in waits for its turn.
	hashWait = 5 * time.Second
)

// hasher makes and checks password hashes, few at a time.
type hasher struct {
	now   argon
	turns chan struct{}
	dummy string // what the password of an unknown account is checked against
}

func newHasher(a argon) *hasher {
	h := &hasher{now: a, turns: make(chan struct{}, hashesAtOnce)}
	h.dummy = h.now.encode(make([]byte, saltLength), make([]byte, hashLength))
	return h
}

// turn waits for room to hash in.
func (h *hasher) turn(ctx context.Context) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, &fail.Error{Kind: fail.Unavailable, Message: "Många loggar in just nu. Försök igen om en stund.", Err: ctx.Err()}
	}
}

// hash makes a password's hash with a fresh salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return h.now.encode(salt, h.now.key(password, salt)), nil
}

// check tells whether the password is that of the hash, and whether the hash
// was made with other parameters than today's. An empty hash takes as long as
// any other, and is never right.
func (h *hasher) check(ctx context.Context, password, hash string) (ok, old bool, err error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	a, salt, want, err := decode(hash)
	if err != nil {
		return false, false, err
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	same := subtle.ConstantTimeCompare(a.key(password, salt), want) == 1
	return same && known, a != h.now, nil
}

func (a argon) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, a.time, a.memory, a.threads, hashLength)
}

// encode writes a hash in the form that other programs write it in.
func (a argon) encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.time, a.threads, b.EncodeToString(salt), b.EncodeToString(key))
}

func decode(hash string) (a argon, salt, key []byte, err error) {
	bad := func(cause error) (argon, []byte, []byte, error) {
		return argon{}, nil, nil, fmt.Errorf("people: a stored password hash cannot be read: %w", cause)
	}
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad(fmt.Errorf("form"))
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.time, &a.threads); err != nil || a.time == 0 || a.threads == 0 {
		return bad(fmt.Errorf("parameters: %w", err))
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return bad(err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) != hashLength {
		return bad(fmt.Errorf("key: %w", err))
	}
	return a, salt, key, nil
}

// Lengths of a password, in characters. Long ones are fine: the hash is the
// same size.
const (
	minPassword = 12
	maxPassword = 200
)

//go:embed common_passwords.txt
var commonFile string

// commonWords are words that many passwords are made of, the longest first.
var commonWords = func() []string {
	words := strings.Fields(plain.Replace(strings.ToLower(commonFile)))
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}()

// checkPassword says what is wrong with a new password: too short, or made of
// nothing but common words, digits, keyboard rows and the person's own name.
func checkPassword(field, password string, own ...string) []fail.Field {
	wrong := func(message string) []fail.Field { return []fail.Field{{Name: field, Message: message}} }
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return wrong("Lösenordet behöver ha minst 12 tecken. Fyra ord efter varandra är lätt att minnas.")
	case n > maxPassword:
		return wrong("Lösenordet får ha högst 200 tecken.")
	}
	if len(distinct(password)) < 5 || guessable(password, own) {
		return wrong("Lösenordet är för lätt att gissa. Undvik namn, årtal, tangenter i rad och vanliga lösenord.")
	}
	return nil
}

func distinct(s string) map[rune]bool {
	seen := map[rune]bool{}
	for _, c := range s {
		seen[c] = true
	}
	return seen
}

// guessable tells whether fewer than four characters are left once common
// words and the person's own are taken out, read as it stands or with digits
// as the letters that they resemble.
func guessable(password string, own []string) bool {
	words := commonWords
	for _, o := range own {
		name, _, _ := strings.Cut(plain.Replace(strings.ToLower(o)), "@")
		for _, w := range strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune(" .-,_", c) }) {
			if len(w) > 2 {
				words = append([]string{w}, words...)
			}
		}
	}
	password = plain.Replace(strings.ToLower(password))
	return bare(password, words, strings.NewReplacer()) < 4 || bare(password, words, lookalikes) < 4
}

// bare counts what is left of the password without the words and without
// digits and signs at its ends.
func bare(password string, words []string, reading *strings.Replacer) int {
	rest := reading.Replace(password)
	for _, w := range words {
		rest = strings.ReplaceAll(rest, reading.Replace(w), "")
	}
	return utf8.RuneCountInString(strings.Trim(rest, "0123456789 !?.,-_#*"))
}

var (
	plain      = strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "é", "e")
	lookalikes = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s")
)
