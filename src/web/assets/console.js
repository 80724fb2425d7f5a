// What is nicer with JavaScript in the console; everything works without.
"use strict";

// [data-live="5"]: fetch the page again every 5 seconds and take this element from it, while the page is looked at.
for (const element of document.querySelectorAll("[data-live]")) {
  let current = element;
  const again = async () => {
    if (!document.hidden && current.dataset.live) {
      try {
        const answer = await fetch(location.href, { headers: { "x-live": "1" } });
        if (answer.ok && !answer.redirected) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page.getElementById(current.id);
          if (!fresh) { location.reload(); return; }
          if (!current.contains(document.activeElement)) { current.replaceWith(fresh); current = fresh; }
        }
      } catch { /* the next round tries again */ }
    }
    if (current.dataset.live) setTimeout(again, Number(current.dataset.live) * 1000);
  };
  setTimeout(again, Number(element.dataset.live) * 1000);
}

// Whoever logs out leaves no copy of a class's door page behind.
document.querySelector('form[action="/console/logout"]')?.addEventListener("submit", () => { globalThis.caches?.delete("door"); });

// A form is sent once: the second click does nothing.
document.addEventListener("submit", (event) => {
  // By attribute: a field named action hides the form's own.
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  // A file that is fetched leaves the page as it is.
  if (form.method === "post" && !form.getAttribute("action")?.endsWith("/export")) form.dataset.sent = "1";
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// Beside the form of a bulletin: how each channel would show it and whom it would reach, a moment after the last key.
const composer = [...document.forms].find((form) => form.getAttribute("action")?.startsWith("/console/bulletins") && form.elements.title && form.elements.body);
if (composer) {
  const beside = document.createElement("div");
  beside.className = "composing";
  composer.replaceWith(beside);
  const place = document.createElement("div");
  place.dataset.stale = "";
  beside.append(composer, place);
  let timer, asked;
  const show = async () => {
    asked?.abort();
    const mine = asked = new AbortController();
    place.dataset.stale = "";
    try {
      const answer = await fetch("/console/bulletins/preview", { method: "POST", body: new URLSearchParams(new FormData(composer)), signal: mine.signal });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("composed");
      if (!fresh || mine !== asked) return;
      // What is folded stays folded.
      place.querySelectorAll("details").forEach((fold, at) => { const other = fresh.querySelectorAll("details")[at]; if (other) other.open = fold.open; });
      place.replaceChildren(fresh);
      delete place.dataset.stale;
    } catch { /* the next key tries again */ }
  };
  const soon = () => { place.dataset.stale = ""; clearTimeout(timer); timer = setTimeout(show, 400); };
  composer.addEventListener("input", soon);
  composer.addEventListener("change", soon);
  show();
}

// The first refused field is where one goes on.
document.querySelector(".wrong input, .wrong select, .wrong textarea")?.focus();
