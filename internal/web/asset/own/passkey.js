// Passkeys: a button with data-passkey asks that address what to ask the device, and
// sends the device's answer to data-answer. With data-create it makes a passkey under
// the name in [data-passkey-name]; otherwise it signs in or proves who somebody is.
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) return;

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

  function use(button) {
    var create = "create" in button.dataset;
    document.querySelector("[data-passkey-problem]").hidden = true;
    post(button.dataset.passkey, "{}").then(function (asked) {
      return create
        ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.publicKey) })
        : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.publicKey) });
    }).then(function (made) {
      var address = button.dataset.answer;
      if (create) address += "?name=" + encodeURIComponent(document.querySelector("[data-passkey-name]").value);
      return post(address, JSON.stringify(made.toJSON()));
    }).then(function (said) {
      location.assign(said.next);
    }).catch(function (error) {
      // What the browser says when somebody changes their mind is in no language of ours.
      tell(error instanceof DOMException ? "" : error.message);
    });
  }

  document.querySelectorAll("[data-passkey]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { use(button); });
  });
})();
