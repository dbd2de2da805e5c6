// A film is sent in pieces, so that a line that breaks does not begin anew.
// Which pieces are here is asked of the server, and compared with the chosen
// file by their SHA-256: the same film goes on, also after a reload of the
// page, and another begins anew. The protocol: docs/films.md.

const pieceSize = 8 << 20;
const tries = 12;
const longest = 60;

// Broken is worth another try; Refused is not.
class Broken extends Error {}
class Refused extends Error {}

async function hash(bytes) {
  const sum = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(sum), (b) => b.toString(16).padStart(2, "0")).join("");
}

// begins tells whether the file begins with the pieces.
async function begins(file, pieces, signal) {
  let at = 0;
  for (const p of pieces) {
    signal.throwIfAborted();
    const bytes = await file.slice(at, at + p.size).arrayBuffer();
    if (bytes.byteLength !== p.size || (await hash(bytes)) !== p.hash) return false;
    at += p.size;
  }
  return true;
}

const total = (pieces) => pieces.reduce((sum, p) => sum + p.size, 0);

class Upload {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("[data-progress]");
    this.bar = form.querySelector("progress");
    this.share = form.querySelector("[data-share]");
    this.status = form.querySelector("[data-said]");
    this.button = form.querySelector("button[type=submit]");
    this.file = form.querySelector("input[type=file]");
    this.sentHere = 0; // bytes that this page has sent of the file
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    form.querySelector("[data-cancel]").addEventListener("click", () => this.abort?.abort());
    this.file.addEventListener("change", () => {
      if (!this.abort) this.sentHere = 0;
    });
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  // show draws how far it is; a screen reader is told each tenth.
  show(bytes, size) {
    const percent = Math.min(100, Math.floor((100 * bytes) / size));
    this.bar.value = percent;
    this.share.textContent = percent + " % / " + (size / (1 << 20)).toFixed(0) + " MB";
    const tenth = Math.floor(percent / 10) * 10;
    if (tenth !== this.tenth) {
      this.tenth = tenth;
      this.say(this.form.dataset.sending.replace("{procent}", tenth));
    }
  }

  async start() {
    const text = this.form.dataset;
    const file = this.file.files[0];
    if (this.abort) return;
    if (!file || file.size === 0) {
      this.say(text.empty);
      this.file.focus();
      return;
    }
    if (file.size > Number(text.limit)) {
      this.say(text.large);
      return;
    }
    this.abort = new AbortController();
    this.tenth = -1;
    this.box.hidden = false;
    this.button.disabled = true;
    try {
      await this.send(file, this.abort.signal);
      this.say(text.whole);
      this.bar.value = 100;
      location.assign(text.done);
      return;
    } catch (error) {
      if (this.abort.signal.aborted) this.say(text.cancelled);
      else if (error instanceof Refused) this.say(text.refused);
      else if (error instanceof Broken) this.say(text.gone);
      else {
        this.say(text.refused);
        console.error(error);
      }
    }
    this.abort = null;
    this.box.hidden = true;
    this.button.disabled = false;
    this.button.focus();
  }

  async send(file, signal) {
    let failed = 0;
    let at = null; // null: ask where it is
    for (;;) {
      try {
        at ??= await this.where(file, signal);
        if (at.whole) return;
        const end = Math.min(at.from + pieceSize, file.size);
        const last = end === file.size;
        await this.post(file, at.from, end, last, at.anew, signal);
        this.sentHere = end;
        failed = 0;
        at = { from: end };
        if (last) return;
      } catch (error) {
        if (signal.aborted || !(error instanceof Broken) || ++failed > tries) throw error;
        at = null;
        await this.pause(Math.min(longest, 2 ** (failed - 1)), signal);
      }
    }
  }

  // where asks what is here: the whole film, a beginning of it, or nothing.
  async where(file, signal) {
    let answer;
    try {
      answer = await fetch(this.form.dataset.film + "/lage", { signal, redirect: "error", cache: "no-store" });
    } catch (error) {
      throw new Broken("where", { cause: error });
    }
    if (answer.status >= 500 || answer.status === 429) throw new Broken("where");
    if (!answer.ok) throw new Refused("where");
    let state;
    try {
      state = await answer.json();
    } catch (error) {
      throw new Broken("where", { cause: error });
    }
    const have = total(state.incoming);
    this.say(this.form.dataset.compare);
    this.tenth = -1;
    if (!crypto.subtle) {
      // Without hashes only what this page itself has sent is known.
      return have > 0 && have <= this.sentHere + pieceSize && have < file.size && this.sentHere > 0 ? { from: have } : { from: 0, anew: true };
    }
    if (total(state.film) === file.size && (await begins(file, state.film, signal))) return { whole: true };
    if (have > 0 && have < file.size && (await begins(file, state.incoming, signal))) return { from: have };
    return { from: 0, anew: true };
  }

  post(file, from, end, last, anew, signal) {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      const query = new URLSearchParams({ fran: from });
      if (last) query.set("sist", "ja");
      if (anew) query.set("om", "ja");
      const cancel = () => call.abort();
      call.open("POST", this.form.dataset.film + "?" + query);
      call.setRequestHeader("Content-Type", "application/octet-stream");
      call.upload.addEventListener("progress", (event) => this.show(from + event.loaded, file.size));
      call.addEventListener("loadend", () => {
        signal.removeEventListener("abort", cancel);
        if (call.status === 204) {
          this.show(end, file.size);
          resolve();
          return;
        }
        const moved = call.status === 409 && call.getResponseHeader("X-Kommunpilot-Har") !== String(from);
        if (call.status === 0 || call.status >= 500 || call.status === 429 || call.status === 408 || moved) reject(new Broken("post"));
        else reject(new Refused("post"));
      });
      signal.addEventListener("abort", cancel);
      this.show(from, file.size);
      call.send(file.slice(from, end));
    });
  }

  // pause waits, but not longer than until the line is back.
  pause(seconds, signal) {
    this.say(this.form.dataset.broken.replace("{sekunder}", seconds));
    this.tenth = -1;
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener("online", done);
        signal.removeEventListener("abort", done);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      const timer = setTimeout(done, seconds * 1000);
      addEventListener("online", done);
      signal.addEventListener("abort", done);
    });
  }
}

for (const form of document.querySelectorAll("form[data-film]")) {
  new Upload(form);
  form.dataset.ready = "yes";
}
