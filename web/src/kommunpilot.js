// Small comforts. Every page works without this file.

// A form is sent once, also by a nervous double click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-get")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// A page that comes back from the browser's memory can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

// The reader of a form with errors starts at the summary.
document.querySelector(".ds-error-summary")?.focus();

// htmx is fetched only by pages that ask for it.
if (document.querySelector("[hx-get], [hx-post]")) {
  import("htmx.org/dist/htmx.esm.min.js");
}

// So are the islands of the films.
if (document.querySelector("form[data-film]")) import("./film.js");
if (document.querySelector("form[data-captions]")) import("./captions.js");

// And that of the map where places close and open.
if (document.querySelector("[data-whatif]")) import("./whatif.js");
