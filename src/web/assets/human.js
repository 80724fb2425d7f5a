// The talk with a person of the desk, on the chat page. The server makes the talk; this asks for it every few seconds and adds what is new,
// so that a screen reader hears each message once. Used by chat.js as `window.desk`.
window.desk = (function () {
  "use strict";

  var SOON_MS = 3000;
  var LATER_MS = 20000;

  var words = document.getElementById("words").dataset;
  var box = document.getElementById("human");
  var title = document.title;
  var listeners = [];
  var timer = 0;
  var sending = false;
  // Counts what this page did: a look that began before is older than what it brought.
  var deeds = 0;

  function part(root, selector) { return root.querySelector(selector); }
  function state() { return box.dataset.state; }
  function isOpen() { return state() === "waiting" || state() === "human"; }

  function makeToken() {
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }

  // --- showing -----------------------------------------------------------------------------------------------------

  function put(place, fresh) {
    if (place.innerHTML !== fresh.innerHTML) { place.innerHTML = fresh.innerHTML; }
  }

  function take(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("human");
    if (!fresh) { return; }
    var before = state();
    var news = false;
    var low = innerHeight + scrollY >= document.documentElement.scrollHeight - 120;
    if (fresh.dataset.inquiry !== box.dataset.inquiry) {
      box.replaceWith(fresh);
      box = fresh;
      news = true;
    } else {
      put(part(box, ".standing"), part(fresh, ".standing"));
      var list = part(box, ".talk ol");
      part(fresh, ".talk ol").querySelectorAll("li").forEach(function (line) {
        if (document.getElementById(line.id)) { return; }
        list.appendChild(line);
        news = true;
        if (document.hidden && line.classList.contains("staff")) { document.title = "● " + words.news + " · " + title; }
      });
      // Whoever pressed a button that is gone now goes on where the talk stands.
      var pressed = part(box, ".steps").contains(document.activeElement);
      put(part(box, ".steps"), part(fresh, ".steps"));
      if (pressed && !box.contains(document.activeElement)) { part(box, ".standing").focus(); }
      box.className = fresh.className;
      box.dataset.state = fresh.dataset.state;
      box.hidden = fresh.hidden;
    }
    if (news && low) { scrollTo({ top: document.documentElement.scrollHeight }); }
    if (before !== state()) { listeners.forEach(function (tell) { tell(); }); }
  }

  // --- asking and sending ------------------------------------------------------------------------------------------

  function fetched(address, options) {
    var begun = deeds;
    options.headers = { "x-live": "1" };
    return fetch(address, options).then(function (response) {
      if (response.ok) { return response.text().then(function (text) { if (begun === deeds) { take(text); } }); }
      return response.json().catch(function () { return null; }).then(function (problem) {
        throw { told: problem && problem.status < 500 && problem.detail ? problem.detail : words.failed };
      });
    }, function () { throw { told: words.unreachable }; });
  }

  function sync() {
    clearTimeout(timer);
    // What is being sent brings the talk along.
    if (sending) { return Promise.resolve(); }
    return fetched("/human", {}).catch(function () { /* the next round tries again */ }).then(plan);
  }
  function plan() {
    clearTimeout(timer);
    if (state() !== "none") { timer = setTimeout(sync, isOpen() ? SOON_MS : LATER_MS); }
  }

  function send(address, fields) {
    if (sending) { return Promise.resolve(); }
    sending = true;
    deeds += 1;
    return fetched(address, { method: "POST", body: new URLSearchParams(fields) })
      .then(function () { sending = false; plan(); }, function (error) { sending = false; plan(); throw error; });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!box.contains(form)) { return; }
    event.preventDefault();
    var fields = {};
    new FormData(form).forEach(function (value, name) { fields[name] = value; });
    if (event.submitter && event.submitter.name) { fields[event.submitter.name] = event.submitter.value; }
    send(new URL(form.action).pathname, fields).catch(function (error) {
      part(box, ".standing p").textContent = error.told;
    });
  });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) { return; }
    document.title = title;
    if (state() !== "none") { sync(); }
  });
  plan();

  return {
    state: state,
    isOpen: isOpen,
    sync: sync,
    onChange: function (tell) { listeners.push(tell); },
    call: function (question) {
      return send("/human", { q: question }).then(function () { box.scrollIntoView({ block: "center" }); });
    },
    say: function (text, token) { return send("/human/say", { q: text, once: token }); },
    makeToken: makeToken,
    hide: function () { return state() === "closed" ? send("/human/hide", {}) : Promise.resolve(); }
  };
})();
