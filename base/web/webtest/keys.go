package webtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Keys is a person at a keyboard: pages are read and forms filled with Tab,
// Enter, Space, the arrows and typing alone, never a pointer.
type Keys struct {
	t    testing.TB
	tab  context.Context
	base string
}

// Keyboard opens a tab on the server for a person without a pointer.
func Keyboard(t testing.TB, browser context.Context, base string) *Keys {
	t.Helper()
	return &Keys{t: t, tab: Tab(t, browser, Look{}), base: base}
}

// Phone is Keyboard in a window as wide as a phone.
func Phone(t testing.TB, browser context.Context, base string) *Keys {
	t.Helper()
	return &Keys{t: t, tab: Tab(t, browser, Look{Width: 390}), base: base}
}

// Go types an address.
func (k *Keys) Go(path string) {
	k.t.Helper()
	Open(k.t, k.tab, k.base+path)
}

// focused is the accessible name of what has the focus, with its kind.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	const legend = e.type === "radio" ? (e.closest("fieldset")?.querySelector("legend")?.innerText || "") + " | " : "";
	const name = e.getAttribute("aria-label") || (e.labels && e.labels.length ? e.labels[0].innerText : e.innerText) || e.value || "";
	return legend + name.trim().replace(/\s+/g, " ");
})()`

func (k *Keys) press(keys string) {
	k.t.Helper()
	if err := chromedp.Do(k.tab, chromedp.KeyEvent(keys)); err != nil {
		k.t.Fatalf("press: %v", err)
	}
}

func (k *Keys) eval(js string) string {
	k.t.Helper()
	s, err := chromedp.Run(k.tab, chromedp.Evaluate[string](js))
	if err != nil {
		k.t.Fatalf("%s: %v", js, err)
	}
	return s
}

// tabLimit is how many stops a page may have.
const tabLimit = 400

// To moves the focus with Tab to what is named so (the beginning of its name
// is enough; "" prefix before " | " is a radio's legend), and fails where Tab
// comes round without meeting it.
func (k *Keys) To(name string) {
	k.t.Helper()
	var seen []string
	for range tabLimit {
		k.press(kb.Tab)
		at := k.eval(focused)
		if _, plain, ok := strings.Cut(at, " | "); ok && strings.HasPrefix(plain, name) || strings.HasPrefix(at, name) {
			return
		}
		seen = append(seen, at)
	}
	k.t.Fatalf("%s: Tab never reaches %q; it meets %.900q", k.eval("location.pathname"), name, strings.Join(seen[:min(len(seen), 120)], "; "))
}

// Press moves to a link or a button and presses Enter.
func (k *Keys) Press(name string) {
	k.t.Helper()
	k.To(name)
	before := k.page()
	k.press(kb.Enter)
	for range 1000 {
		if now := k.page(); now != "" && now != before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	k.t.Fatalf("%q leads nowhere from %s", name, before)
}

// page names the page that is there, "" while it is on its way.
func (k *Keys) page() string {
	s, err := chromedp.Run(k.tab, chromedp.Evaluate[string](`document.readyState === "complete" && document.querySelector("main") ? location.pathname + " " + performance.timeOrigin : ""`))
	if err != nil {
		return "" // the page is being changed
	}
	return s
}

// Type moves to a field and types in it over what is there.
func (k *Keys) Type(name, text string) {
	k.t.Helper()
	k.To(name)
	k.eval(`(() => { const e = document.activeElement; if (e.select) e.select(); return "" })()`) // as Ctrl+A does
	k.press(text)
}

// Date moves to a date field and sets it, as typing each part does.
func (k *Keys) Date(name, day string) {
	k.t.Helper()
	k.To(name)
	// The order of the parts is the browser's; the arrow ends a part.
	y, m, d := day[:4], day[5:7], day[8:]
	for _, parts := range [][]string{{m, d, y}, {y, m, d}, {d, m, y}} {
		k.press(kb.ArrowLeft)
		k.press(kb.ArrowLeft)
		for i, part := range parts {
			k.press(part)
			if i < 2 && len(part) == 4 {
				k.press(kb.ArrowRight) // a year could be longer
			}
		}
		if k.eval("document.activeElement.value") == day {
			return
		}
	}
	k.t.Fatalf("the date field %q took %q, not %s", name, k.eval("document.activeElement.value"), day)
}

// Choose moves to a group of radio buttons and to the one named with the arrows.
func (k *Keys) Choose(legend, choice string) {
	k.t.Helper()
	for range tabLimit {
		k.press(kb.Tab)
		if strings.HasPrefix(k.eval(focused), legend) {
			for range 20 {
				if _, name, _ := strings.Cut(k.eval(focused), " | "); strings.HasPrefix(name, choice) {
					k.press(" ")
					return
				}
				k.press(kb.ArrowDown)
			}
		}
	}
	k.t.Fatalf("%s: no choice %q under %q", k.eval("location.pathname"), choice, legend)
}

// Tick moves to a box and ticks it, if it is not.
func (k *Keys) Tick(name string) {
	k.t.Helper()
	k.To(name)
	if k.eval("String(document.activeElement.checked)") != "true" {
		k.press(" ")
	}
}

// Sees fails where the page does not say the text.
func (k *Keys) Sees(text string) {
	k.t.Helper()
	if page := k.eval("document.querySelector('main').innerText"); !strings.Contains(page, text) {
		k.t.Fatalf("%s does not say %q:\n%.2000s", k.eval("location.pathname"), text, page)
	}
}

// Where is the path of the page.
func (k *Keys) Where() string { k.t.Helper(); return k.eval("location.pathname") }

// Read gives what a script reads from the page; it must not act.
func (k *Keys) Read(js string) string { k.t.Helper(); return k.eval(js) }

// Pick moves to a list and to the option that begins so, with the arrows.
func (k *Keys) Pick(name, option string) {
	k.t.Helper()
	k.To(name)
	const chosen = `document.activeElement.selectedOptions[0].innerText`
	k.press(kb.Home)
	for range 60 {
		if strings.HasPrefix(strings.TrimSpace(k.eval(chosen)), option) {
			return
		}
		k.press(kb.ArrowDown)
	}
	k.t.Fatalf("%s: the list %q has no %q: %s", k.eval("location.pathname"), name, option, k.eval("document.activeElement.innerText"))
}

// Axe fails on what axe finds on the page that is there.
func (k *Keys) Axe() {
	k.t.Helper()
	AxeHere(k.t, k.tab)
}
