// Sets the look before the page is drawn: what the visitor chose, or what the
// device asks for.
(function () {
  "use strict";
  var root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    var chosen = null;
    try { chosen = localStorage.getItem("theme"); } catch (e) { /* storage is off */ }
    root.setAttribute("data-bs-theme", chosen || (dark.matches ? "dark" : "light"));
  }
  apply();
  dark.addEventListener("change", apply);
  window.premiaTheme = function () {
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch (e) { /* storage is off */ }
    root.setAttribute("data-bs-theme", next);
    document.dispatchEvent(new CustomEvent("premia:theme"));
  };
})();
