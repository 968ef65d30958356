// What the till does beyond links and forms: it sends what is to be booked so that a
// broken connection, a double tap or a reload never book twice, and says plainly what
// happened. Without it the forms are sent as forms, and the drawn ids do the same.
(function () {
  "use strict";
  var box = document.getElementById("booking");
  if (!box) return;

  // What was sent and has no answer yet is kept for this tab, so that a reload asks on.
  var KEPT = "till.pending", DRAFT = "till.draft:";
  var memory = null, running = false, timer = 0;
  function kept() { try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch (e) { return memory; } }
  function keep(what) {
    memory = what;
    try { if (what) sessionStorage.setItem(KEPT, JSON.stringify(what)); else sessionStorage.removeItem(KEPT); } catch (e) { /* storage is off */ }
  }
  function forgetDraft(id) {
    try {
      Object.keys(sessionStorage).forEach(function (key) {
        if (key.indexOf(DRAFT) === 0 && sessionStorage.getItem(key) === id) sessionStorage.removeItem(key);
      });
    } catch (e) { /* storage is off */ }
  }

  function show(state, answer) {
    box.querySelectorAll("[data-when]").forEach(function (part) {
      var on = part.dataset.when === state;
      part.hidden = !on;
      if (!on) return;
      var words = part.querySelector("[data-words]"), to = part.querySelector("[data-to]");
      if (words) words.textContent = (answer && answer.words) || "";
      if (to && answer && answer.to) to.setAttribute("href", answer.to);
    });
    box.dataset.state = state;
    if (!box.open) box.showModal();
    var first = box.querySelector("[data-when='" + state + "'] .btn-primary");
    if (first) first.focus();
  }
  box.addEventListener("cancel", function (e) { e.preventDefault(); });

  function request(url, options) {
    var stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, 20000);
    options = Object.assign({ signal: stop.signal, credentials: "same-origin", cache: "no-store", redirect: "follow" }, options);
    options.headers = Object.assign({ "X-Till": "script", Accept: "application/json" }, options.headers);
    return fetch(url, options).then(function (response) {
      var kind = response.headers.get("Content-Type") || "";
      if (kind.indexOf("application/json") !== 0) {
        if (response.status >= 500) throw new Error("the server failed");
        if (response.redirected) return { state: "no_till", to: location.pathname };
        return { state: "rejected", words: response.statusText };
      }
      return response.json();
    }).finally(function () { clearTimeout(late); });
  }

  // settled ends what was under way with an answer that is one.
  function settled(pending, answer, broken) {
    switch (answer.state) {
      case "booked":
      case "refused":
        keep(null);
        forgetDraft(pending.id);
        running = false;
        if (broken) show(answer.state, answer); else location.assign(answer.to);
        return true;
      case "rejected":
        keep(null);
        running = false;
        show("rejected", answer);
        return true;
      case "locked":
      case "no_till":
        location.assign(answer.to); // what is kept is asked for again afterwards
        return true;
    }
    return false;
  }

  function send(pending, broken) {
    return request(pending.url, { method: "POST", body: pending.body, headers: { "Content-Type": "application/x-www-form-urlencoded" } })
      .then(function (answer) { return settled(pending, answer, broken); });
  }
  function ask(pending) { return request("/till/booked/" + encodeURIComponent(pending.id), {}); }

  // recover asks what became of it and, where nothing did, sends it again with the same
  // id, more and more rarely.
  var waits = [500, 1000, 2000, 4000, 8000, 15000];
  function recover(pending, round) {
    clearTimeout(timer);
    running = true;
    var next = function () {
      show("unknown");
      timer = setTimeout(function () { recover(pending, round + 1); }, waits[Math.min(round, waits.length - 1)]);
    };
    ask(pending).then(function (answer) {
      if (settled(pending, answer, true)) return;
      if (answer.state !== "absent") { next(); return; }
      if (pending.reloaded || round >= 4) { running = false; show("absent"); return; }
      return send(pending, true).then(function (done) { if (!done) next(); }, next);
    }, next);
  }

  document.addEventListener("submit", function (e) {
    var form = e.target;
    if (e.defaultPrevented) return;
    if (form.hasAttribute("data-once")) {
      if (form.dataset.sent) e.preventDefault();
      form.dataset.sent = "yes";
      return;
    }
    if (!form.hasAttribute("data-book") || (e.submitter && e.submitter.formNoValidate)) return;
    e.preventDefault();
    if (running) return;
    running = true;
    var body = new URLSearchParams(new FormData(form, e.submitter));
    var pending = { id: body.get("event"), url: form.getAttribute("action"), body: body.toString() };
    keep(pending);
    show("sending");
    send(pending, false).then(function (done) {
      if (!done) { show("unknown"); recover(pending, 0); }
    }, function () {
      show("unknown");
      timer = setTimeout(function () { recover(pending, 0); }, waits[0]);
    });
  });

  box.addEventListener("click", function (e) {
    var button = e.target.closest("[data-booking]"), pending = kept();
    if (!button) return;
    if (!pending) {
      running = false;
      box.close();
      return;
    }
    if (button.dataset.booking === "leave") {
      ask(pending).then(function (answer) { // it may have come in at last
        if (settled(pending, answer, true)) return;
        keep(null);
        running = false;
        box.close();
      }, function () { show("unknown"); recover(pending, 0); });
      return;
    }
    if (button.dataset.booking === "send") delete pending.reloaded;
    show("unknown");
    recover(pending, 0);
  });
  window.addEventListener("online", function () { var p = kept(); if (p && box.dataset.state === "unknown") recover(p, 0); });

  // A page keeps the id that it drew until it is booked, over reloads.
  document.querySelectorAll("form[data-draft] input[name=event]").forEach(function (input) {
    try {
      var key = DRAFT + location.pathname, old = sessionStorage.getItem(key);
      if (old && location.pathname.indexOf("/till") === 0 && !input.form.querySelector("[name=sku]")) input.value = old;
      sessionStorage.setItem(key, input.value);
    } catch (e) { /* storage is off */ }
  });
  document.querySelectorAll("[data-booked]").forEach(function (el) {
    var pending = kept();
    forgetDraft(el.dataset.booked);
    if (pending && pending.id === el.dataset.booked) keep(null);
  });

  // After a reload somebody looks at another page perhaps: what is not booked is not
  // sent by itself any more.
  var left = kept();
  if (left && !document.querySelector("[data-lock]")) left = null; // it is locked
  if (left) {
    left.reloaded = true;
    show("unknown");
    recover(left, 0);
  }

  // The keypad, where there is a script.
  document.querySelectorAll("[data-keypad]").forEach(function (pad) {
    var field = document.getElementById(pad.dataset.keypad);
    if (!field) return;
    pad.hidden = false;
    pad.addEventListener("click", function (e) {
      var key = e.target.closest("[data-key]");
      if (!key) return;
      if (key.dataset.key === "back") field.value = field.value.slice(0, -1);
      else if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += key.dataset.key;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });

  document.addEventListener("change", function (e) {
    var press = e.target.dataset && e.target.dataset.press;
    if (press) document.getElementById(press).click();
  });
})();
