// The chat page: asks, shows the answer as it comes, keeps the visit's turns in this tab. ES2019, no dependencies.
// One rule: text somebody typed is never lost, and text from the service is only ever set as text.
(function () {
  "use strict";

  var KEPT_TURNS = 30;
  var PATIENCE_MS = 30000;
  var COUNT_FROM = 200;

  var words = document.getElementById("words").dataset;
  var form = document.getElementById("ask");
  var field = document.getElementById("q");
  var send = document.getElementById("send");
  var log = document.getElementById("log");
  var intro = document.getElementById("intro");
  var count = document.getElementById("count");
  var clear = document.getElementById("clear");
  var trouble = document.getElementById("trouble");
  var most = Number(field.dataset.most);
  var busy = false;
  var desk = window.desk;
  var card = window.card;
  var part = card.part;
  var show = card.show;
  var filled = card.filled;
  var call = document.getElementById("call");

  // --- what this tab remembers -------------------------------------------------------------------------------------

  function remembered(key, fallback) {
    try { return JSON.parse(sessionStorage.getItem(key)) || fallback; } catch (error) { return fallback; }
  }
  function remember(key, value) {
    try { sessionStorage.setItem(key, JSON.stringify(value)); } catch (error) { /* private mode: nothing is kept */ }
  }
  function makeSession() {
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }
  var turns = remembered("taxhome.turns", []);
  var session = remembered("taxhome.session", "") || makeSession();
  remember("taxhome.session", session);

  function keepTurn(turn) {
    if (turns.indexOf(turn) < 0) { turns.push(turn); }
    turns = turns.slice(-KEPT_TURNS);
    remember("taxhome.turns", turns);
    clear.hidden = false;
  }

  // --- showing -----------------------------------------------------------------------------------------------------

  function newTurn(question) {
    var root = document.getElementById("turn").content.cloneNode(true).firstElementChild;
    part(root, ".question span").textContent = words.you;
    part(root, ".question").appendChild(document.createTextNode(question));
    log.appendChild(root);
    intro.hidden = true;
    return root;
  }

  function blank(root) {
    var article = part(root, ".answer");
    var fresh = document.getElementById("turn").content.querySelector(".answer").cloneNode(true);
    article.replaceWith(fresh);
    return fresh;
  }

  function wait(root) {
    var article = blank(root);
    article.classList.add("waiting");
    part(article, ".lead").textContent = words.thinking;
    return article;
  }

  function showLead(article, decision, text) {
    article.classList.remove("waiting");
    article.classList.add(decision);
    card.setLine(part(article, ".lead"), text);
  }

  function finish(root, article, turn) {
    var answer = turn.answer;
    if (answer.understood_as) { show(part(article, ".understood"), answer.understood_as); }
    // Where nothing is quoted there is nothing to be cautious about.
    if (answer.citations.length) { show(part(article, ".fine"), filled(words.asOf, { date: card.date(answer.as_of) }) + answer.caution); }
    if (answer.code) {
      var code = part(article, ".code");
      part(code, "a").href = answer.code;
      code.hidden = false;
    }
    card.addSuggestions(root, answer.suggestions);
    offerFeedback(article, turn);
  }

  function showWhole(root, turn) {
    var answer = turn.answer;
    var article = blank(root);
    showLead(article, answer.decision, answer.lead);
    answer.details.forEach(function (line, place) { card.addDetail(article, line, place); });
    var shown = [answer.lead].concat(answer.details);
    answer.citations.forEach(function (citation) { card.addCitation(article, citation, shown); });
    finish(root, article, turn);
  }

  function fail(root, turn, text) {
    var article = blank(root);
    article.classList.add("failed");
    part(article, ".lead").textContent = text;
    var retry = part(article, ".retry");
    retry.hidden = false;
    retry.addEventListener("click", function () {
      if (busy) { return; }
      if (field.value.trim() === turn.question) { setField(""); }
      answerInto(root, turn);
    });
    if (!field.value) { setField(turn.question); }
  }

  // --- feedback ----------------------------------------------------------------------------------------------------

  function offerFeedback(article, turn) {
    var box = part(article, ".feedback");
    var thanks = part(box, ".thanks");
    function press(useful) {
      box.querySelectorAll("[data-useful]").forEach(function (button) {
        button.setAttribute("aria-pressed", String(button.dataset.useful === String(useful)));
      });
      thanks.textContent = useful ? words.useful : words.useless;
    }
    part(box, ".call").addEventListener("click", function () { callPerson(turn.question); });
    box.querySelectorAll("[data-useful]").forEach(function (button) {
      button.addEventListener("click", function () {
        var useful = button.dataset.useful === "true";
        if (turn.useful === useful) { return; }
        post("/api/v1/answers/" + encodeURIComponent(turn.answer.id) + "/feedback", { useful: useful }, "application/json")
          .then(function (response) {
            if (!response.ok) { throw new Error("refused"); }
            turn.useful = useful;
            keepTurn(turn);
            press(useful);
            if (!useful) { waitFor(turn.answer); }
          })
          .catch(function () { thanks.textContent = words.unsaved; });
      });
    });
    box.hidden = false;
    if (typeof turn.useful === "boolean") { press(turn.useful); }
  }

  // The next visit is told when this is answered; nothing hangs on it, so a failure is not told.
  function waitFor(answer) {
    fetch("/later", { method: "POST", body: new URLSearchParams({ answer: answer.id }) }).catch(function () { /* the question itself is kept */ });
  }

  // --- asking ------------------------------------------------------------------------------------------------------

  function post(address, body, accept, signal) {
    return fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: accept },
      body: JSON.stringify(body),
      signal: signal
    });
  }

  // Calls `take(name, data)` for every event of the stream.
  function read(response, take) {
    var pending = "";
    function digest(text) {
      pending += text.replace(/\r\n?/g, "\n");
      var blocks = pending.split("\n\n");
      pending = blocks.pop();
      blocks.forEach(function (block) {
        var name = "message";
        var data = [];
        block.split("\n").forEach(function (line) {
          if (line.indexOf("event:") === 0) { name = line.slice(6).trim(); }
          if (line.indexOf("data:") === 0) { data.push(line.slice(5).trim()); }
        });
        if (data.length) { take(name, JSON.parse(data.join("\n"))); }
      });
    }
    if (!response.body || !response.body.getReader) {
      return response.text().then(function (text) { digest(text + "\n\n"); });
    }
    var reader = response.body.getReader();
    var decoder = new TextDecoder();
    function next() {
      return reader.read().then(function (chunk) {
        if (chunk.done) { digest(decoder.decode() + "\n\n"); return undefined; }
        digest(decoder.decode(chunk.value, { stream: true }));
        return next();
      });
    }
    return next();
  }

  function whatWentWrong(problem, response) {
    if (response && response.status === 429) {
      return filled(words.many, { seconds: response.headers.get("retry-after") || "60" });
    }
    return problem && problem.status < 500 && problem.detail ? problem.detail : words.failed;
  }

  function stream(root, turn, response) {
    var article = part(root, ".answer");
    var shown = [];
    var problem = null;
    return read(response, function (name, data) {
      if (name === "lead") { showLead(article, data.decision, data.text); shown.push(data.text); }
      if (name === "detail") { card.addDetail(article, data.text, shown.length - 1); shown.push(data.text); }
      if (name === "citation") { card.addCitation(article, data, shown); }
      if (name === "done") { turn.answer = data; }
      if (name === "problem") { problem = data; }
    }).then(function () {
      if (problem && problem.status === 409) { desk.sync(); }
      if (!turn.answer) { throw { told: whatWentWrong(problem, null) }; }
      finish(root, article, turn);
    });
  }

  function answerInto(root, turn) {
    setBusy(true);
    wait(root);
    var impatience = new AbortController();
    var timer = setTimeout(function () { impatience.abort(); }, PATIENCE_MS);
    return post("/api/v1/questions", { question: turn.question, session: session }, "text/event-stream", impatience.signal)
      .then(function (response) {
        var type = response.headers.get("content-type") || "";
        if (response.ok && type.indexOf("text/event-stream") === 0) { return stream(root, turn, response); }
        return response.json().catch(function () { return null; }).then(function (body) {
          // A person took over just now: what was typed goes to them.
          if (response.status === 409) { desk.sync(); }
          if (!response.ok || !body) { throw { told: whatWentWrong(body, response) }; }
          turn.answer = body;
          showWhole(root, turn);
        });
      })
      .then(function () {
        keepTurn(turn);
        if (turn.answer.decision === "abstained") { waitFor(turn.answer); }
      })
      .catch(function (error) {
        var text = error.told || words.unreachable;
        if (!error.told && error.name === "AbortError") { text = words.slow; }
        if (!error.told && navigator.onLine === false) { text = words.offline; }
        turn.answer = null;
        fail(root, turn, text);
      })
      .then(function () { clearTimeout(timer); setBusy(false); });
  }

  function ask(question) {
    var root = newTurn(question);
    var calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    var done = answerInto(root, { question: question, answer: null });
    root.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    return done;
  }

  // --- the field ---------------------------------------------------------------------------------------------------

  function setBusy(now) {
    busy = now;
    send.setAttribute("aria-disabled", String(now));
    log.setAttribute("aria-busy", String(now));
  }
  function setField(text) { field.value = text; measure(); }
  function measure() {
    field.style.height = "";
    field.style.height = Math.min(field.scrollHeight, 150) + "px";
    var left = most - Array.from(field.value).length;
    count.hidden = left > COUNT_FROM;
    count.textContent = left >= 0 ? filled(words.left, { left: left }) : "";
    if (left >= 0) { trouble.hidden = true; }
  }
  function submit() {
    var question = field.value.trim();
    if (busy) { return; }
    if (!question) { show(trouble, words.empty); field.focus(); return; }
    if (Array.from(question).length > most) { show(trouble, filled(words.long, { most: most })); field.focus(); return; }
    trouble.hidden = true;
    if (desk.state() === "human") { sayToPerson(question); return; }
    setField("");
    // On a phone the keyboard would cover the answer.
    if (matchMedia("(pointer: coarse)").matches) { field.blur(); }
    ask(question);
  }

  // The token stays with the text until it arrived: sent again after a broken line, it is not said twice.
  var said = { text: "", token: "" };
  function sayToPerson(text) {
    if (said.text !== text) { said = { text: text, token: desk.makeToken() }; }
    setBusy(true);
    desk.say(text, said.token)
      .then(function () {
        said = { text: "", token: "" };
        if (field.value.trim() === text) { setField(""); }
      })
      .catch(function (error) { show(trouble, error.told || words.failed); })
      .then(function () { setBusy(false); field.focus(); });
  }
  function callPerson(question) {
    if (busy || desk.isOpen()) { return; }
    setBusy(true);
    trouble.hidden = true;
    desk.call(question)
      .then(function () {
        intro.hidden = true;
        if (field.value.trim() === question) { setField(""); }
      })
      .catch(function (error) { show(trouble, error.told || words.failed); })
      .then(function () { setBusy(false); });
  }
  function dress() {
    field.placeholder = { human: words.toPerson, waiting: words.toBoth }[desk.state()] || words.toBot;
    call.hidden = desk.isOpen();
    document.body.classList.toggle("with-person", desk.isOpen());
  }
  desk.onChange(dress);

  call.addEventListener("click", function (event) {
    event.preventDefault();
    var last = turns[turns.length - 1];
    callPerson(field.value.trim() || (last ? last.question : ""));
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); submit(); });
  field.addEventListener("input", measure);
  field.addEventListener("keydown", function (event) {
    // While a Chinese input method composes, Enter chooses a word.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      submit();
    }
  });
  document.addEventListener("click", function (event) {
    var chip = event.target.closest && event.target.closest("a.chip");
    if (!chip || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    if (busy) { return; }
    if (desk.state() === "human") { setField(chip.textContent.trim()); field.focus(); return; }
    ask(chip.textContent.trim());
  });
  // What was asked in this visit is kept under its name, which the page of one's own data must be told.
  var mine = document.getElementById("mine");
  mine.addEventListener("click", function () { mine.href = "/my?session=" + session; });
  clear.addEventListener("click", function () {
    turns = [];
    session = makeSession();
    remember("taxhome.turns", turns);
    remember("taxhome.session", session);
    log.textContent = "";
    intro.hidden = desk.isOpen();
    clear.hidden = true;
    desk.hide();
    field.focus();
  });

  // --- the turns so far, and the one the server answered -----------------------------------------------------------

  var answered = part(log, ".turn[data-answer]");
  log.textContent = "";
  turns.filter(function (turn) { return turn.answer; }).forEach(function (turn) { showWhole(newTurn(turn.question), turn); });
  clear.hidden = turns.length === 0;
  if (answered && answered.dataset.answer) {
    var turn = { question: answered.dataset.question, answer: JSON.parse(answered.dataset.answer) };
    var root = newTurn(turn.question);
    showWhole(root, turn);
    keepTurn(turn);
    root.scrollIntoView({ block: "start" });
  } else if (answered) {
    log.appendChild(answered);
  } else if (turns.length && !document.querySelector("#later article")) {
    log.lastElementChild.scrollIntoView({ block: "start" });
  }
  if (answered || location.search) { history.replaceState(null, "", "/"); }
  dress();
  measure();
})();
