// Package id makes and reads identifiers. Each noun has its own integer type
// (type CallID int64), so that one cannot be passed for another.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"strconv"

	"kommunpilot/base/fail"
)

// Parse reads a positive identifier. A text that is none is NotFound: an
// address with it leads nowhere.
func Parse[T ~int64](s string) (T, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fail.New(fail.NotFound, "Sidan finns inte.")
	}
	return T(n), nil
}

// Path reads the identifier in the named part of the request's path.
func Path[T ~int64](r *http.Request, name string) (T, error) {
	return Parse[T](r.PathValue(name))
}

// String writes an identifier as decimal digits.
func String[T ~int64](v T) string { return strconv.FormatInt(int64(v), 10) }

// Token makes an unguessable text of 26 letters and digits (128 random bits)
// that can be put in an address.
func Token() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // crypto/rand never fails on the platforms that we serve
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}
