package people

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestPasswordHashesCarryTheirParameters(t *testing.T) {
	ctx := context.Background()
	before := newHasher(argon{memory: 64, time: 1, threads: 1})
	now := newHasher(argon{memory: 128, time: 2, threads: 1})
	hash, err := before.hash(ctx, "fyra ord efter varandra")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(hash, err)
	}
	for _, c := range []struct {
		name, password, hash string
		ok, old              bool
		h                    *hasher
	}{
		{"right", "fyra ord efter varandra", hash, true, false, before},
		{"right, but made with other parameters", "fyra ord efter varandra", hash, true, true, now},
		{"wrong", "fyra ord efter varann", hash, false, false, before},
		{"an unknown account", "fyra ord efter varandra", "", false, false, before},
	} {
		ok, old, err := c.h.check(ctx, c.password, c.hash)
		if ok != c.ok || old != c.old || err != nil {
			t.Errorf("%s: %v %v %v", c.name, ok, old, err)
		}
	}
	again, _ := before.hash(ctx, "fyra ord efter varandra")
	if again == hash {
		t.Error("the salt is the same twice")
	}
	for _, broken := range []string{"x", "$argon2id$v=19$m=0,t=0,p=0$AAAA$AAAA", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", strings.Replace(hash, "t=1", "t=x", 1), hash[:len(hash)-4]} {
		if _, _, err := before.check(ctx, "x", broken); err == nil {
			t.Errorf("the broken hash %q is taken", broken)
		}
	}
}

// TestUnknownAccountsTakeAsLong compares the work, not the clock: the dummy
// has the parameters of every other hash.
func TestUnknownAccountsTakeAsLong(t *testing.T) {
	h := newHasher(hashing)
	a, salt, key, err := decode(h.dummy)
	if err != nil || a != hashing || len(salt) != saltLength || len(key) != hashLength {
		t.Fatalf("%+v %d %d %v", a, len(salt), len(key), err)
	}
}

func TestHashesAreBounded(t *testing.T) {
	h := newHasher(argon{memory: 64, time: 1, threads: 1})
	for range hashesAtOnce {
		h.turns <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.hash(ctx, "fyra ord efter varandra"); err == nil {
		t.Fatal("one hash too many was made")
	}
	<-h.turns
	if _, err := h.hash(context.Background(), "fyra ord efter varandra"); err != nil {
		t.Fatal(err)
	}
}

func TestPasswordsThatAreTooEasy(t *testing.T) {
	for password, ok := range map[string]bool{
		"kort":                       false,
		"elva tecken":                false,
		"Lösenord2026!":              false,
		"Sommaren2026!":              false,
		"qwertyuiop123":              false,
		"aaaaaaaaaaaaaa":             false,
		"P@ssw0rd12345":              false,
		"handlaggare123":             false, // the person's own address
		"kommunpilot!2026":           false,
		"123456789012":               false,
		"grön cykel läser tidning":   true,
		"Tre2 knagglande stigar":     true,
		strings.Repeat("ab cde", 40): false,
	} {
		if got := len(checkPassword("password", password, "Handläggare", "handlaggare@exempel.se")) == 0; got != ok {
			t.Errorf("%q: accepted %v", password, got)
		}
	}
}
