// What the portal's pages do beyond links and forms: questions before what can't be
// undone, copying, sharing, the look, the service worker. Everything works without it.
(function () {
  "use strict";

  document.addEventListener("submit", function (e) {
    var form = e.target, dialog = document.getElementById("confirm"), asks = form.dataset.confirm;
    if (!asks || !dialog || form.dataset.confirmed) return;
    e.preventDefault();
    dialog.querySelector("[data-text]").textContent = asks;
    dialog.returnValue = "";
    dialog.addEventListener("close", function () {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit();
    }, { once: true });
    dialog.showModal();
  });

  document.addEventListener("click", function (e) {
    var el = e.target.closest("[data-do]");
    if (!el) return;
    var text = el.dataset.target ? document.getElementById(el.dataset.target).textContent.trim() : "";
    var status = document.getElementById("status");
    switch (el.dataset.do) {
      case "theme": window.premiaTheme(); break;
      case "copy": navigator.clipboard.writeText(text).then(function () { status.textContent = el.dataset.done; }); break;
      case "share": navigator.share({ text: el.dataset.text, url: text }).catch(function () { /* they changed their mind */ }); break;
    }
  });

  document.addEventListener("change", function (e) {
    if (e.target.matches("[data-submit]")) e.target.form.requestSubmit();
  });

  document.addEventListener("DOMContentLoaded", function () {
    if (navigator.share) document.querySelectorAll("[data-do=share]").forEach(function (el) { el.hidden = false; });
    if (!("serviceWorker" in navigator)) return;
    navigator.serviceWorker.register("/sw.js").then(function () { return navigator.serviceWorker.ready; }).then(function (r) {
      if (document.body.dataset.member) r.active.postMessage("keep card");
    }).catch(function () { /* the portal works without it */ });
  });
})();
