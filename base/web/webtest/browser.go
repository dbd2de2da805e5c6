package webtest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1 by Deque Systems, Mozilla Public License 2.0: see
// axe.LICENSE.txt. It is used in tests only and is no part of the server.
//
//go:embed axe.min.js
var axeSource string

// patience is how long a tab may live, with all that is done in it: a walk
// through the product on a slow and busy machine.
const patience = 5 * time.Minute

var shared struct {
	sync.Mutex
	ctx context.Context
	err error
}

// Browser starts Chromium once for the test binary and gives its context. The
// test is skipped where there is no Chromium, unless KOMMUNPILOT_REQUIRE_BROWSER
// is set: then it fails.
func Browser(t testing.TB) context.Context {
	t.Helper()
	path := chromium()
	if path == "" {
		if os.Getenv("KOMMUNPILOT_REQUIRE_BROWSER") != "" {
			t.Fatal("Chromium is not installed, and KOMMUNPILOT_REQUIRE_BROWSER is set")
		}
		t.Skip("Chromium is not installed; with KOMMUNPILOT_REQUIRE_BROWSER=1 this would fail")
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx == nil && shared.err == nil {
		shared.ctx, shared.err = start(path)
	}
	if shared.err != nil {
		t.Fatalf("start Chromium: %v", shared.err)
	}
	return shared.ctx
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// start runs Chromium until the test binary ends; the kernel ends it then.
func start(path string) (context.Context, error) {
	dir := filepath.Join(os.TempDir(), "kommunpilot-chromium-"+strconv.Itoa(os.Getpid()))
	removeStale()
	options := append(append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(dir),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "sv-SE"))
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	return ctx, chromedp.Do(ctx)
}

// removeStale removes the folders of browsers whose test binary has ended.
func removeStale() {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), "kommunpilot-chromium-*"))
	for _, dir := range old {
		pid := dir[strings.LastIndex(dir, "-")+1:]
		if _, err := os.Stat("/proc/" + pid); errors.Is(err, os.ErrNotExist) {
			_ = os.RemoveAll(dir)
		}
	}
}

// Look is how a page is looked at.
type Look struct {
	Dark    bool
	Width   int // pixels; 0: 1280
	Print   bool
	Cookies []*http.Cookie // sent to the page's server
}

// Tab opens a tab of its own, with cookies of its own, that closes with the
// test. It notes what the content security policy stops.
func Tab(t testing.TB, browser context.Context, look Look) context.Context {
	t.Helper()
	whole, closeTab := open(t, browser, look)
	tab, stop := context.WithTimeout(whole, patience)
	t.Cleanup(func() { stop(); closeTab() })
	return tab
}

// open is Tab without an end.
func open(t testing.TB, browser context.Context, look Look) (context.Context, func()) {
	t.Helper()
	tab, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	// A tab listens as long as the context of its first call lasts. One that
	// stays open and no longer listens fills its queue with what the others
	// do, and then the whole browser waits: so the first call has no deadline.
	made := make(chan error, 1)
	go func() { made <- chromedp.Do(tab) }()
	select {
	case err := <-made:
		if err != nil {
			t.Fatalf("tab: %v", err)
		}
	case <-time.After(patience):
		t.Fatalf("tab: the browser has not answered in %v", patience)
	}
	if look.Width == 0 {
		look.Width = 1280
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if look.Print {
		media.Media = "print"
	}
	if err := chromedp.Do(tab, chromedp.EmulateViewport(int64(look.Width), 900)); err != nil {
		t.Fatalf("tab: %v", err)
	}
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatalf("emulate %s: %v", scheme, err)
	}
	note := page.AddScriptToEvaluateOnNewDocumentParams{Source: `window.stopped = []; addEventListener("securitypolicyviolation", e => window.stopped.push(e.violatedDirective + " " + e.blockedURI))`}
	if _, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, note); err != nil {
		t.Fatalf("tab: %v", err)
	}
	return tab, closeTab
}

// Open goes to the address in the tab, with the cookies.
func Open(t testing.TB, tab context.Context, address string, cookies ...*http.Cookie) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies {
		p := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: u.Scheme + "://" + u.Host + "/"}
		if _, err := chromedp.Call(tab, network.SetCookie, p); err != nil {
			t.Fatalf("cookie %s: %v", c.Name, err)
		}
	}
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		t.Fatalf("open %s: %v", address, err)
	}
}

// lookers are the tabs that Axe looks with, one of each kind: a new tab for
// each page takes as long again as the look.
var lookers struct {
	sync.Mutex
	tabs map[looker]context.Context
}

type looker struct {
	browser context.Context
	dark    bool
	width   int
}

// Axe claims that axe finds nothing on the page, that nothing was stopped by
// the content security policy, and that the page is no wider than the window.
// With KOMMUNPILOT_SCREENSHOTS set to a folder it leaves a picture there.
func Axe(t testing.TB, browser context.Context, address string, dark bool, width int, cookies ...*http.Cookie) {
	t.Helper()
	lookers.Lock()
	defer lookers.Unlock()
	key := looker{browser, dark, width}
	whole, ok := lookers.tabs[key]
	if !ok {
		whole, _ = open(t, browser, Look{Dark: dark, Width: width}) // lives as long as the browser
		if lookers.tabs == nil {
			lookers.tabs = map[looker]context.Context{}
		}
		lookers.tabs[key] = whole
	}
	tab, stop := context.WithTimeout(whole, patience)
	defer stop()
	if _, err := chromedp.Call(tab, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatalf("clear the cookies: %v", err)
	}
	Open(t, tab, address, cookies...)
	AxeHere(t, tab)
	Shot(t, tab, fmt.Sprintf("%s-%d-%s", address, width, map[bool]string{true: "dark", false: "light"}[dark]))
}

// AxeHere is Axe for the page that the tab shows, after whatever has been done there.
func AxeHere(t testing.TB, tab context.Context) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](axeSource+"; true")(ctx, target)
		return err
	})); err != nil {
		t.Fatalf("load axe: %v", err)
	}
	found, err := chromedp.Run(tab, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ["violations"]}).then(r => {
		const all = [];
		for (const v of r.violations) for (const n of v.nodes)
			all.push(v.id + ": " + v.help + "\n    " + n.html.slice(0, 300) + "\n    " + (n.any.concat(n.all, n.none).map(c => c.message).join("; ")));
		for (const s of window.stopped || []) all.push("stopped by the content security policy: " + s);
		const root = document.documentElement;
		if (root.scrollWidth > root.clientWidth) {
			const wide = [...document.querySelectorAll("main *, header *, footer *")].filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120));
			all.push("wider than the window by " + (root.scrollWidth - root.clientWidth) + " px: " + wide.join(" | "));
		}
		return all;
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("run axe: %v", err)
	}
	where, _ := chromedp.Run(tab, chromedp.Location())
	for _, f := range found {
		t.Errorf("%s: %s", where, f)
	}
}

var unsafeName = regexp.MustCompile(`[^a-zåäö0-9]+`)

// Shot leaves a picture of the whole page in the folder that
// KOMMUNPILOT_SCREENSHOTS names; without it nothing is done.
func Shot(t testing.TB, tab context.Context, name string) {
	t.Helper()
	dir := os.Getenv("KOMMUNPILOT_SCREENSHOTS")
	if dir == "" {
		return
	}
	if u, err := url.Parse(name); err == nil && u.Host != "" {
		name = u.Path + " " + u.RawQuery
	}
	png, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("picture: %v", err)
	}
	file := filepath.Join(dir, strings.Trim(unsafeName.ReplaceAllString(strings.ToLower(t.Name()+" "+name), "-"), "-")+".png")
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}
