// The pieces of an answer's card, made from the same object as the page without JavaScript makes it. Used by chat.js as `window.card`.
// Text from the service is only ever set as text.
window.card = (function () {
  "use strict";

  var SHOWN_DETAILS = 12;

  var words = document.getElementById("words").dataset;

  function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
  }
  function part(root, selector) { return root.querySelector(selector); }
  function show(element, text) { element.textContent = text; element.hidden = false; }
  function date(text) {
    var pieces = text.split("-");
    return pieces[0] + "年" + Number(pieces[1]) + "月" + Number(pieces[2]) + "日";
  }

  // A line with the article it rests on in brackets at its end: the brackets are set small.
  function setLine(element, text) {
    var basis = /（[^（）]*(第[^（）]*条|号|公告|法|条例|办法)[^（）]*）$/.exec(text);
    element.textContent = basis ? text.slice(0, basis.index) : text;
    if (basis) {
      var small = document.createElement("span");
      small.className = "basis";
      small.textContent = basis[0];
      element.appendChild(small);
    }
  }

  function addDetail(article, text, place) {
    var list = part(article, ".details");
    part(article, ".rules").hidden = false;
    if (place >= SHOWN_DETAILS) {
      var rest = part(list, ".rest");
      if (!rest) {
        rest = document.getElementById("rest").content.cloneNode(true).firstElementChild;
        list.appendChild(rest);
        rest = list.lastElementChild;
      }
      part(rest, "summary").textContent = filled(words.more, { n: place - SHOWN_DETAILS + 1 });
      list = part(rest, "ul");
    }
    var item = document.createElement("li");
    setLine(item, text);
    list.appendChild(item);
  }

  // The link opens the document at the cited passage, with the quoted sentences marked.
  function placeOf(citation) {
    var pieces = citation.link.split("#");
    return pieces[0] + "?from=" + citation.start + "&to=" + citation.end + (pieces[1] ? "#" + pieces[1] : "");
  }

  function addCitation(article, citation, shown) {
    var source = document.getElementById("source").content.cloneNode(true).firstElementChild;
    var title = part(source, ".source-title a");
    title.textContent = citation.title;
    title.href = placeOf(citation);
    part(source, ".place").href = placeOf(citation);
    var badge = part(source, ".badge");
    badge.textContent = words[citation.validity.replace(/_(\w)/g, function (whole, letter) { return letter.toUpperCase(); })];
    badge.classList.add(citation.validity);
    part(source, ".meta").textContent = [
      citation.number, citation.article,
      citation.effective_from && filled(words.from, { date: date(citation.effective_from) }),
      citation.effective_to && filled(words.to, { date: date(citation.effective_to) })
    ].filter(Boolean).join(" · ");
    var quote = part(source, "blockquote");
    // Headings and list items plain, rows of a table with their cells apart, as the page without JavaScript shows them.
    quote.textContent = citation.quote.replace(/^#+ /gm, "").replace(/\n{2,}/g, "\n").replace(/^- /gm, "").replace(/^\|[-|: ]+\|[ ]*\n?/gm, "").replace(/^\|(.*)\|[ ]*$/gm, function (_, row) {
      return row.split("|").map(function (cell) { return cell.trim(); }).join(" · ");
    });
    // A conclusion that is the passage's own sentence stands above already: the passage waits folded.
    if (quote.textContent.indexOf(shown[0]) >= 0) {
      var folded = document.createElement("details");
      folded.appendChild(document.createElement("summary")).textContent = words.quote;
      quote.replaceWith(folded);
      folded.appendChild(quote);
    }
    if (citation.superseded_by) {
      show(part(source, ".note"), filled(words.replaced, { by: citation.superseded_by }));
    } else if (citation.confidence === "single-source") {
      show(part(source, ".note"), words.single);
    }
    if (citation.official_link && /^https?:\/\//.test(citation.official_link)) {
      var official = part(source, ".official");
      official.href = citation.official_link;
      official.hidden = false;
    }
    var sources = part(article, ".sources");
    sources.hidden = false;
    sources.appendChild(source);
  }

  function addSuggestions(root, questions) {
    var group = part(root, ".suggestions");
    questions.forEach(function (question) {
      var chip = document.createElement("a");
      chip.className = "chip";
      chip.href = "/ask?q=" + encodeURIComponent(question);
      chip.textContent = question;
      group.appendChild(chip);
    });
    group.hidden = questions.length === 0;
  }

  return {
    filled: filled,
    part: part,
    show: show,
    date: date,
    setLine: setLine,
    addDetail: addDetail,
    addCitation: addCitation,
    addSuggestions: addSuggestions
  };
})();
