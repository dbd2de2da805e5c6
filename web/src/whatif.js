// The page where places close and open answers in place: links, forms and
// clicks on the map fetch the page with the change and put its answer in.
// Without this file the same links and forms load the page.
let asked = 0;

async function go(href, keep) {
  const mine = ++asked;
  const answer = await fetch(href, { headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (mine !== asked) return; // a later question has been asked
  const page = new DOMParser().parseFromString(text, "text/html").querySelector("[data-whatif]");
  if (!page) {
    location.href = href;
    return;
  }
  const focused = keep ?? document.activeElement?.id;
  document.querySelector("[data-whatif]").replaceWith(page);
  const to = new URL(page.dataset.query ? "?" + page.dataset.query : href, location.href);
  history.pushState(null, "", to);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// query is the changes as they stand, with more.
const query = (more) => {
  const root = document.querySelector("[data-whatif]");
  return "?" + root.dataset.query + "&" + new URLSearchParams(more);
};

// place is a point of the page in the map's own units.
const place = (svg, event) => {
  const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return `${p.x.toFixed(2)},${p.y.toFixed(2)}`;
};

let dragged;

document.addEventListener("pointerdown", (event) => {
  const link = event.target.closest("[data-whatif] svg a[data-key^='+']");
  if (!link) return;
  dragged = { key: link.dataset.key, x: event.clientX, y: event.clientY, svg: link.closest("svg") };
  event.preventDefault();
});

document.addEventListener("pointerup", (event) => {
  const d = dragged;
  dragged = undefined;
  if (!d || Math.hypot(event.clientX - d.x, event.clientY - d.y) < 4) return;
  d.svg.dataset.moved = "yes";
  go(query({ flytta: d.key, punkt: place(d.svg, event) }));
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !event.target.closest("[data-whatif]")) return;
  const svg = event.target.closest("svg[data-map]");
  if (svg?.dataset.moved) {
    delete svg.dataset.moved;
    event.preventDefault();
    return;
  }
  const link = event.target.closest("a");
  const href = link?.getAttribute("href");
  if (href?.startsWith("?")) {
    event.preventDefault();
    go(href, link.id || undefined);
  } else if (svg && !link) {
    go(query({ punkt: place(svg, event) }));
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get" || !form.closest("[data-whatif]")) return;
  event.preventDefault();
  delete form.dataset.sent;
  go("?" + new URLSearchParams([...new FormData(form)].filter(([, v]) => v !== "")));
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-whatif] #typ, [data-whatif] #matt")) event.target.form.requestSubmit();
});

window.addEventListener("popstate", () => location.reload());
