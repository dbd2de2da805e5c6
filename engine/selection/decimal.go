package selection

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Decimal is an exact decimal number: unscaled / 10^places. The zero value is 0.
// It holds at most 15 digits, of which at most 9 after the point.
type Decimal struct {
	unscaled int64
	places   int
}

const (
	maxDigits = 15
	maxPlaces = 9
)

// ErrDecimal says that a text is not a decimal number within the limits.
var ErrDecimal = errors.New("inte ett decimaltal (högst 15 siffror, högst 9 decimaler)")

// ParseDecimal reads "12", "-3.25" or, as in Swedish spreadsheets, "-3,25" or
// "1 250,5" (spaces as thousands separators are dropped). Exponents, empty
// texts and two separators are ErrDecimal.
func ParseDecimal(text string) (Decimal, error) {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", ".", "\u2212", "-").Replace(strings.TrimSpace(text))
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || point && fraction == "" {
		return Decimal{}, ErrDecimal
	}
	fraction = strings.TrimRight(fraction, "0")
	whole = strings.TrimLeft(whole, "0")
	if len(whole)+len(fraction) > maxDigits || len(fraction) > maxPlaces {
		return Decimal{}, ErrDecimal
	}
	var n int64
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return Decimal{}, ErrDecimal
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return Decimal{unscaled: n, places: len(fraction)}, nil
}

// Whole is the decimal number n.
func Whole(n int64) Decimal { return Decimal{unscaled: n} }

// String writes the number with a point and no trailing zeros.
func (d Decimal) String() string { return formatScaled(big.NewInt(d.unscaled), d.places) }

// Rat is the number as an exact rational.
func (d Decimal) Rat() *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(d.unscaled), pow10(d.places))
}

// MarshalText and UnmarshalText let a Decimal travel as text.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Decimal) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDecimal(string(b))
	return err
}

// at returns the number in units of 10^-places; ok is false when it would
// leave the range of exactly handled sums.
func (d Decimal) at(places int) (n int64, ok bool) {
	n = d.unscaled
	for range places - d.places {
		if n > math.MaxInt64/10 || n < -math.MaxInt64/10 {
			return 0, false
		}
		n *= 10
	}
	return n, true
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// formatScaled writes n / 10^places as a decimal text.
func formatScaled(n *big.Int, places int) string {
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	q, r := new(big.Int).QuoRem(new(big.Int).Abs(n), pow10(places), new(big.Int))
	if r.Sign() == 0 {
		return sign + q.String()
	}
	return sign + q.String() + "." + strings.TrimRight(fmt.Sprintf("%0*s", places, r.String()), "0")
}
