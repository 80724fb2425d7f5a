// The door of a class on a trainer's phone. Every tap is kept on the phone with its time first and uploaded then, so that nothing is lost
// without a signal; each carries an id, so that sending it twice changes nothing. Where the browser allows it (TLS, or this machine) a
// copy of the page is kept too and a worker shows it when the page is opened again without a signal.
"use strict";
(() => {
  const line = document.getElementById("line");
  const here = line.dataset.here;
  const QUEUE = "door:" + here;
  const CLOCK = "door-clock";
  const EVERY = 5000;
  const PATIENCE = 15000;
  const AT_ONCE = 100;
  let door = document.getElementById("door");
  let csrf = line.dataset.csrf;
  let signal = "on"; // "off": no signal; "out": the log-in has run out
  let news = "";
  let memory = null; // where the browser keeps nothing
  let copies = null;
  let kept = false;

  const read = () => {
    if (memory) return memory;
    try { return JSON.parse(localStorage.getItem(QUEUE)) || []; } catch { return []; }
  };
  const write = (taps) => {
    try {
      if (taps.length) localStorage.setItem(QUEUE, JSON.stringify(taps)); else localStorage.removeItem(QUEUE);
      memory = null;
    } catch { memory = taps; }
  };
  // The phone's clock, put right by the service's when it was last heard.
  const now = () => {
    let ahead = 0;
    try { ahead = Number(localStorage.getItem(CLOCK)) || 0; } catch { /* then the phone's own */ }
    return new Date(Date.now() + ahead);
  };
  const newId = () => "tap-" + Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const hour = (at) => new Date(at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
  const element = (name, look, text) => {
    const made = document.createElement(name);
    if (look) made.className = look;
    if (text) made.textContent = text;
    return made;
  };
  const button = (text, pressed) => {
    const made = element("button", "act", text);
    made.type = "button";
    made.addEventListener("click", pressed);
    return made;
  };

  const add = (tap) => {
    const taps = read();
    if (tap.enrolment && taps.some((other) => other.enrolment === tap.enrolment && !other.why)) return;
    taps.push({ id: newId(), at: now().toISOString(), ...tap });
    write(taps);
    news = "";
    show();
    sync();
  };
  const drop = (id) => { write(read().filter((tap) => tap.id !== id)); show(); };

  // Says how it stands, and marks on the list who waits to be uploaded.
  const show = () => {
    const taps = read();
    const waiting = taps.filter((tap) => !tap.why);
    const parts = [];
    if (waiting.length) parts.push(`待上传 ${waiting.length} 人。`);
    if (signal === "off") parts.push("现在没有信号，可以接着签到，有信号时自动上传。");
    if (signal === "on" && !waiting.length) parts.push("没有信号时也能签到：先记在这部手机里，有信号时自动上传。");
    if (!kept || memory) parts.push("没有信号时请不要关闭或刷新本页。");
    line.replaceChildren(element("p", waiting.length ? "waits" : "", parts.join("")));
    if (signal === "out") {
      const out = element("p", "waits", "登录已过期，记下的签到还在，重新登录后自动上传。");
      const way = element("a", "act first", "重新登录");
      way.href = "/console/login?next=" + encodeURIComponent(here);
      out.append(way);
      line.append(out);
    }
    if (news) line.append(element("p", "refused", news));
    const list = element("ul");
    for (const tap of taps.filter((tap) => tap.name || tap.why)) {
      const said = tap.why ? `${tap.who || tap.name}没有签上：${tap.why}` : `${tap.name}（没报名）待上传 ${hour(tap.at)}`;
      const item = element("li", tap.why ? "refused" : "", said);
      item.append(button(tap.why ? "知道了" : "撤销", () => drop(tap.id)));
      list.append(item);
    }
    if (list.children.length) line.append(list);
    line.hidden = false;
    Object.assign(line.dataset, { signal, kept, waiting: waiting.length });

    for (const mark of door.querySelectorAll(".pending")) mark.remove();
    for (const form of door.querySelectorAll("form[hidden]")) { form.hidden = false; delete form.dataset.sent; }
    for (const tap of waiting.filter((tap) => tap.enrolment)) {
      const form = door.querySelector(`form[action$="/check-ins/${CSS.escape(tap.enrolment)}"]`);
      if (!form) continue;
      form.hidden = true;
      const mark = element("span", "pending");
      mark.append(element("span", "badge wait", `待上传 ${hour(tap.at)}`), button("撤销", () => drop(tap.id)));
      form.after(mark);
    }
  };

  const reach = async (address, options) => {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...options });
    if (answer.redirected && new URL(answer.url).pathname === "/console/login") {
      signal = "out";
      globalThis.caches?.delete("door");
      throw new Error("logged out");
    }
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  };
  const post = (address, fields) => reach(address, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });

  // The list as the service has it.
  const refresh = async () => {
    const asked = Date.now();
    const answer = await reach(here);
    const copy = answer.clone();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("door");
    if (!fresh) throw new Error("another page");
    const ahead = Number(fresh.dataset.now) - (asked + Date.now()) / 2;
    try { localStorage.setItem(CLOCK, String(Math.round(ahead))); } catch { /* the phone's own clock then */ }
    csrf = page.getElementById("line").dataset.csrf;
    if (fresh.innerHTML !== door.dataset.shown) {
      fresh.dataset.shown = fresh.innerHTML;
      door.replaceWith(fresh);
      door = fresh;
    }
    signal = "on";
    await copies?.put(here, copy);
  };

  // Uploads what waits; what the service refuses stays on the page with its reason until somebody has read it.
  const upload = async () => {
    const waiting = read().filter((tap) => !tap.why).slice(0, AT_ONCE);
    if (!waiting.length) return false;
    const sent = waiting.map(({ id, at, enrolment, name }) => ({ id, at, enrolment, name }));
    const answers = await (await post(here + "/taps", { taps: JSON.stringify(sent) })).json();
    const refused = new Map(answers.filter((one) => !one.is_in).map((one) => [one.id, one.detail]));
    const taken = new Set(answers.filter((one) => one.is_in).map((one) => one.id));
    write(read().filter((tap) => !taken.has(tap.id)).map((tap) => refused.has(tap.id) ? { ...tap, why: refused.get(tap.id) } : tap));
    return true;
  };

  let busy = false;
  let again = false;
  const sync = async () => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        await refresh();
        while (await upload()) await refresh();
        show();
      }
    } catch {
      again = false;
      if (signal === "on") signal = "off";
    }
    busy = false;
    show();
  };

  const undo = async (form) => {
    try {
      await post(form.getAttribute("action"), {});
      news = "";
      await sync();
    } catch {
      news = signal === "out" ? "" : "现在没有信号，已上传的签到要等有信号时再撤销。";
      delete form.dataset.sent;
      show();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const action = form.getAttribute("action") || "";
    if (event.defaultPrevented || !action.startsWith(here + "/")) return;
    event.preventDefault();
    const [, enrolment, back] = action.match(/\/check-ins\/([^/]+)(\/undo)?$/) || [];
    if (back) { undo(form); return; }
    if (enrolment) {
      const row = form.closest("tr");
      add({ enrolment, who: row ? row.cells[0].textContent.trim() : "" });
      return;
    }
    const field = form.elements.namedItem("name");
    const name = field.value.trim();
    delete form.dataset.sent;
    if (name) { form.reset(); add({ name }); }
    field.focus();
  });

  // Keeps a copy of the page and what it is made of, for when it is opened again without a signal.
  const keep = async () => {
    if (!navigator.serviceWorker || !globalThis.caches) return;
    const made = [...document.querySelectorAll("link[rel=stylesheet], script[src], .door img, .brand img")].map((part) => part.href || part.src);
    const parts = [...new Set(made)];
    await navigator.serviceWorker.register("/assets/door-worker.js", { scope: "/console/classes/" });
    await navigator.serviceWorker.ready;
    copies = await caches.open("door");
    try { await copies.addAll(parts); } catch { /* no signal: perhaps they were kept before */ }
    try { await refresh(); } catch { /* the next round tries again */ }
    const there = await Promise.all([here, ...parts].map((part) => copies.match(part)));
    kept = there.every(Boolean);
  };

  const round = () => {
    if (!document.hidden || read().some((tap) => !tap.why)) sync();
    setTimeout(round, EVERY);
  };
  addEventListener("online", sync);
  show();
  keep().catch(() => {}).then(round);
})();
