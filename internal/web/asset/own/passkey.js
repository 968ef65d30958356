// Passkeys: a button with data-passkey asks that address what to ask the device, and
// sends the device's answer to data-answer. With data-create it makes a passkey under
// the name in [data-passkey-name]; otherwise it signs in or proves who somebody is. With
// data-conditional the browser offers passkeys beside what it fills in, too. Where there
// can be none, [data-passkey-insecure] or [data-passkey-unknown] says why.
(function () {
  "use strict";
  // A passkey belongs to a name, which an address of numbers is not.
  var numbers = /^[0-9.]+$|:/.test(location.hostname);
  var why = !window.isSecureContext || numbers ? "insecure" : !window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON ? "unknown" : "";
  if (why) {
    document.querySelectorAll("[data-passkey-" + why + "]").forEach(function (el) { el.hidden = false; });
    return;
  }
  // The device is asked for one thing at a time, and the server, whose cookie says which
  // challenge it was, too.
  var waiting = null, turn = 0, before = Promise.resolve();

  function tell(words) {
    var place = document.querySelector("[data-passkey-problem]");
    place.textContent = words || place.dataset.failed;
    place.hidden = false;
  }

  function post(address, body) {
    return fetch(address, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: body }).then(function (answer) {
      return answer.json().then(function (said) {
        if (!answer.ok) throw new Error(said.problem || "");
        return said;
      });
    });
  }

  function ask(button, options) {
    var create = "create" in button.dataset, mine = ++turn;
    if (waiting) waiting.abort();
    before = before.catch(function () { /* told where it was asked for */ }).then(function () { return post(button.dataset.passkey, "{}"); });
    return before.catch(function (error) {
      throw options.mediation ? new DOMException(error.message, "AbortError") : error; // nobody asked for that
    }).then(function (asked) {
      if (mine !== turn) throw new DOMException("another one was begun", "AbortError");
      waiting = new AbortController();
      options.signal = waiting.signal;
      options.publicKey = create ? PublicKeyCredential.parseCreationOptionsFromJSON(asked.publicKey) : PublicKeyCredential.parseRequestOptionsFromJSON(asked.publicKey);
      return create ? navigator.credentials.create(options) : navigator.credentials.get(options);
    }).then(function (made) {
      var address = button.dataset.answer;
      if (create) address += "?name=" + encodeURIComponent(document.querySelector("[data-passkey-name]").value);
      return post(address, JSON.stringify(made.toJSON()));
    }).then(function (said) {
      location.assign(said.next);
    });
  }

  function use(button) {
    document.querySelector("[data-passkey-problem]").hidden = true;
    ask(button, {}).catch(function (error) {
      // What the browser says when somebody changes their mind is in no language of ours.
      tell(error instanceof DOMException ? "" : error.message);
    });
  }

  document.querySelectorAll("[data-passkey]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { use(button); });
  });
  document.querySelectorAll("[data-passkey-name-of]").forEach(function (el) { el.hidden = false; });

  var offered = document.querySelector("[data-conditional]");
  if (!offered || !PublicKeyCredential.isConditionalMediationAvailable) return;
  PublicKeyCredential.isConditionalMediationAvailable().then(function (can) {
    if (can && turn === 0) return ask(offered, { mediation: "conditional" });
  }).catch(function (error) {
    if (!(error instanceof DOMException)) tell(error.message);
  });
})();
