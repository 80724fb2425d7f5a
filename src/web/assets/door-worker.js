// Shows a class's door page from its copy where there is no signal. `door.js` makes the copies; this keeps nothing itself.
"use strict";

// As long as a log-in holds at most.
const OLDEST = 12 * 3600 * 1000;
const PARTS = ["style", "script", "image"];

self.addEventListener("fetch", (event) => {
  const page = event.request.mode === "navigate";
  if (event.request.method !== "GET" || !(page || PARTS.includes(event.request.destination))) return;
  event.respondWith((async () => {
    try {
      const answer = await fetch(event.request);
      // Sent to the log-in: whoever has this phone now may not see the copy either.
      if (page && answer.type === "opaqueredirect") await caches.delete("door");
      return answer;
    } catch (error) {
      const copy = await caches.match(event.request);
      if (!copy || (page && Date.now() - Date.parse(copy.headers.get("date")) > OLDEST)) throw error;
      return copy;
    }
  })());
});
