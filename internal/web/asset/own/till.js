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
  // current is what answers are awaited for; those for another one come too late.
  var current = null;
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
      var words = part.querySelector("[data-words]"), to = part.querySelector("[data-to]"), undo = part.querySelector("[data-undo]");
      if (words) words.textContent = (answer && answer.words) || "";
      if (to && answer && answer.to) to.setAttribute("href", answer.to);
      if (undo) undo.hidden = !(answer && answer.undo);
      if (undo && answer && answer.undo) undo.setAttribute("href", answer.undo);
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
    if (current !== pending) return true;
    switch (answer.state) {
      case "booked":
      case "refused":
        keep(null);
        forgetDraft(pending.id);
        running = false;
        if (broken) show(pending.leave && answer.state === "booked" ? "late" : answer.state, answer); else location.assign(answer.to);
        return true;
      case "left":
        keep(null);
        forgetDraft(pending.id);
        running = false;
        show("left", { to: answer.to || whence(pending) });
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
  // leave has the server refuse what is still on its way; what came in before is said.
  function leave(pending) { return request("/till/left/" + encodeURIComponent(pending.id), { method: "POST" }); }
  // whence is the page of the member for whom something was to be booked, or the first one.
  function whence(pending) {
    var member = /^\/till\/members\/[^\/]+/.exec(pending.url);
    return member ? member[0] : "/till";
  }

  // recover asks what became of it and, where nothing did, sends it again with the same
  // id, more and more rarely; or it gives it up, where the cashier said so.
  var waits = [500, 1000, 2000, 4000, 8000, 15000];
  function recover(pending, round) {
    clearTimeout(timer);
    running = true;
    current = pending;
    var next = function () {
      if (current !== pending) return;
      show(pending.leave ? "leaving" : "unknown");
      timer = setTimeout(function () { recover(pending, round + 1); }, waits[Math.min(round, waits.length - 1)]);
    };
    (pending.leave ? leave(pending) : ask(pending)).then(function (answer) {
      if (current !== pending) return;
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
    current = pending;
    show("sending");
    send(pending, false).then(function (done) {
      if (!done) { show("unknown"); recover(pending, 0); }
    }, function () {
      if (current !== pending) return;
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
      pending.leave = true; // also after a reload
      keep(pending);
    }
    if (button.dataset.booking === "send") delete pending.reloaded;
    show(pending.leave ? "leaving" : "unknown");
    recover(pending, 0);
  });
  window.addEventListener("online", function () { var p = kept(); if (p && (box.dataset.state === "unknown" || box.dataset.state === "leaving")) recover(p, 0); });

  // A page keeps the id that it drew until it is booked, over reloads.
  document.querySelectorAll("form[data-draft] input[name=event]").forEach(function (input) {
    try {
      var key = DRAFT + location.pathname, old = sessionStorage.getItem(key);
      if (old && input.form.dataset.draft !== "new" && location.pathname.indexOf("/till") === 0 && !input.form.querySelector("[name=sku]")) input.value = old;
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
    show(left.leave ? "leaving" : "unknown");
    recover(left, 0);
  }

  // The keypad, where there is a script.
  document.querySelectorAll("[data-keypad]").forEach(function (pad) {
    var field = document.getElementById(pad.dataset.keypad);
    if (!field) return;
    pad.hidden = false;
    if (!matchMedia("(pointer: fine)").matches) field.inputMode = "none"; // the pad is its keyboard
    pad.addEventListener("click", function (e) {
      var key = e.target.closest("[data-key]");
      if (!key) return;
      if (key.dataset.key === "back") field.value = field.value.slice(0, -1);
      else if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += key.dataset.key;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });

  // Whoever types keeps the till unlocked; a till that nobody touches shows nothing for
  // long. What is under way is not left for that.
  var touched = Date.now(), told = touched;
  ["pointerdown", "keydown"].forEach(function (what) {
    document.addEventListener(what, function () { touched = Date.now(); }, { passive: true });
  });
  setInterval(function () {
    var idle = Number(document.body.dataset.idle || 0) * 1000, now = Date.now();
    if (!idle || running) return;
    if (now - touched >= idle) {
      told = touched = now;
      location.replace("/till/unlock?next=" + encodeURIComponent(location.pathname));
      return;
    }
    if (touched <= told || now - told < idle / 5) return;
    told = now;
    request("/till/here", {}).then(function (answer) { if (answer.state === "locked" || answer.state === "no_till") location.assign(answer.to); }, function () {});
  }, 1000);
  // A page that a browser kept is not shown again without asking whether it may be.
  window.addEventListener("pageshow", function (e) { if (e.persisted) location.reload(); });

  // One more or one less of a line, by a finger.
  document.querySelectorAll("[data-step]").forEach(function (button) {
    var field = document.getElementById(button.dataset.of);
    button.hidden = false;
    button.addEventListener("click", function () {
      var now = parseFloat(field.value.replace(",", ".")) || 0;
      field.value = String(Math.min(Math.max(Number(field.dataset.least || 0), now + Number(button.dataset.step)), parseFloat(field.dataset.most) || Infinity));
    });
  });

  // Whatever is scanned or typed while nothing has the focus goes where it belongs: a
  // scanner types, and presses Enter.
  var first = document.querySelector("[data-first]");
  if (first) {
    if (matchMedia("(pointer: fine)").matches && !document.querySelector(".is-invalid")) first.focus();
    document.addEventListener("keydown", function (e) {
      if (e.key.length === 1 && !e.ctrlKey && !e.altKey && !e.metaKey && e.target === document.body && !document.querySelector("dialog[open]")) first.focus();
    });
  }

  // Whom one taps types the PIN next.
  document.querySelectorAll("input[name=user]").forEach(function (who) {
    who.addEventListener("change", function () { var pin = document.getElementById("pin"); if (pin) pin.focus(); });
  });

  // What is chosen applies by itself: its button is for whoever has no script.
  document.querySelectorAll("[data-press]").forEach(function (choice) { document.getElementById(choice.dataset.press).hidden = true; });
  document.addEventListener("change", function (e) {
    var press = e.target.dataset && e.target.dataset.press;
    if (press) document.getElementById(press).click();
  });
})();
