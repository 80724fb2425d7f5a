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
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post") form.dataset.sent = "1";
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// The first refused field is where one goes on.
document.querySelector(".wrong input, .wrong select, .wrong textarea")?.focus();
