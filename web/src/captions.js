// The buttons of a caption reach the film's player.

const player = document.querySelector("#film-player");

function seconds(text) {
  const m = /^(?:(\d{2,}):)?(\d{2}):(\d{2}\.\d{3})$/.exec(text.trim());
  return m ? Number(m[1] ?? 0) * 3600 + Number(m[2]) * 60 + Number(m[3]) : NaN;
}

function stamp(time) {
  const ms = Math.round(time * 1000);
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  return two(ms / 3600000) + ":" + two((ms / 60000) % 60) + ":" + two((ms / 1000) % 60) + "." + String(ms % 1000).padStart(3, "0");
}

for (const button of player ? document.querySelectorAll("[data-does]") : []) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const cue = button.closest("[data-cue]");
    const field = (name) => document.getElementById(name + "-" + cue.dataset.cue);
    if (button.dataset.does === "play") {
      const from = seconds(field("from").value);
      if (Number.isNaN(from)) {
        field("from").focus();
        return;
      }
      player.currentTime = from;
      player.play().catch(() => {});
      return;
    }
    field(button.dataset.does).value = stamp(player.currentTime);
  });
}

// Whoever has made or moved a cue goes on in it.
if (!document.querySelector(".ds-error-summary")) document.querySelector("[data-cue][data-new] input")?.focus();
