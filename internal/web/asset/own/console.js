// What pages do beyond links and forms: confirmations, the look, copying, keys,
// charts. Everything works without it, except charts.
(function () {
  "use strict";

  // Forms with data-confirm ask before they are sent. The dialog's words stand in
  // the attribute, its buttons in the page's #confirm.
  document.addEventListener("submit", function (e) {
    var form = e.target, dialog = document.getElementById("confirm");
    var asks = (e.submitter && e.submitter.dataset.confirm) || form.dataset.confirm;
    if (!asks || !dialog || form.dataset.confirmed) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    var submitter = e.submitter;
    dialog.querySelector("[data-text]").textContent = asks;
    dialog.returnValue = "";
    dialog.addEventListener("close", function () {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter || undefined);
      delete form.dataset.confirmed;
    }, { once: true });
    dialog.showModal();
  }, true);

  document.addEventListener("click", function (e) {
    var el = e.target.closest("[data-do]");
    if (!el) return;
    switch (el.dataset.do) {
      case "theme": window.premiaTheme(); break;
      case "print": window.print(); break;
      case "reveal":
        var shown = document.getElementById(el.dataset.target), plain = shown.type === "password";
        shown.type = plain ? "text" : "password";
        el.setAttribute("aria-pressed", String(plain));
        break;
      case "close-dialog": el.closest("dialog").close(el.value || ""); break;
      case "open-dialog": document.getElementById(el.dataset.target).showModal(); break;
      case "copy":
        navigator.clipboard.writeText(document.getElementById(el.dataset.target).textContent.trim()).then(function () {
          el.setAttribute("data-copied", "");
          var status = document.getElementById("status");
          if (status) status.textContent = el.dataset.done || "";
        });
        break;
    }
  });

  // A password can be looked at, and a new one says how hard it is to guess: by how long
  // it is, and of how many different characters. The server compares it with common ones.
  document.querySelectorAll('[data-do="reveal"]').forEach(function (button) { button.hidden = false; });
  document.addEventListener("input", function (e) {
    var said = document.querySelector('[data-strength="' + CSS.escape(e.target.id || "-") + '"]');
    if (!said) return;
    var typed = Array.from(e.target.value), worth = Math.min(typed.length, 2 * new Set(typed).size);
    said.textContent = !typed.length ? "" : worth < 12 ? said.dataset.weak : worth < 18 ? said.dataset.fair : said.dataset.good;
  });
  // What was shown is sent as a password all the same, so that the browser keeps it as one.
  document.addEventListener("submit", function (e) {
    e.target.querySelectorAll('[data-do="reveal"][aria-pressed="true"]').forEach(function (button) { button.click(); });
  });

  // Selects and check boxes with data-submit send their form when they change.
  document.addEventListener("change", function (e) {
    if (e.target.matches("[data-submit]")) e.target.form.requestSubmit();
  });

  // "/" goes to the search; "g" and a letter to a page of the navigation.
  var going = false;
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
    if (e.key === "/") {
      var search = document.querySelector("[data-search]");
      if (search) { e.preventDefault(); search.focus(); }
    } else if (e.key === "?") {
      var help = document.getElementById("keys");
      if (help) help.showModal();
    } else if (e.key === "g") {
      going = true;
      return;
    } else if (going) {
      var link = document.querySelector("[data-key='" + CSS.escape(e.key) + "']");
      if (link) link.click();
    }
    going = false;
  });

  // Below a form with data-choices the arrows go through what was found.
  document.addEventListener("keydown", function (e) {
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp" || e.ctrlKey || e.metaKey || e.altKey) return;
    var form = document.querySelector("[data-choices]");
    var list = form && document.querySelector(form.dataset.choices);
    if (!list || !form.contains(e.target) && !list.contains(e.target)) return;
    var input = form.querySelector("input[type=search]");
    var stops = [input].concat(Array.from(list.querySelectorAll("[data-choice]")));
    var next = stops[stops.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    e.preventDefault();
    next.focus();
  });

  // A number as the page's language writes it.
  function spoken(number) {
    return typeof number === "number" ? number.toLocaleString(document.documentElement.lang) : number;
  }

  // Charts: an element with data-chart is drawn from the JSON in the script
  // element that it names. Colours come from the page, so that both looks fit.
  // What was opened stays open, and what was drawn is not drawn slowly again, when the
  // server sends a part of the page anew.
  var opened = new Set(), drawn = new Set();
  document.addEventListener("toggle", function (e) {
    if (e.target.id) opened[e.target.open ? "add" : "delete"](e.target.id);
  }, true);

  // The names of what a chart shows stand below it as text: however long they are, nothing
  // lies over the axis.
  function legend(el, names, colours) {
    var list = document.createElement("ul");
    list.className = "chart-legend";
    names.forEach(function (name, i) {
      var item = document.createElement("li"), mark = document.createElement("i");
      mark.style.background = colours[i % colours.length];
      item.append(mark, name);
      list.append(item);
    });
    if (el.nextElementSibling && el.nextElementSibling.className === list.className) el.nextElementSibling.remove();
    el.after(list);
  }

  function draw(root) {
    root.querySelectorAll("details[id]").forEach(function (el) { if (opened.has(el.id)) el.open = true; });
    if (!window.echarts) return;
    root.querySelectorAll("[data-chart]").forEach(function (el) {
      var source = document.getElementById(el.dataset.chart);
      if (!source) return;
      var css = getComputedStyle(document.documentElement);
      var text = css.getPropertyValue("--tblr-body-color").trim() || "#182433";
      var line = css.getPropertyValue("--tblr-border-color").trim() || "#ccc";
      var option = JSON.parse(source.textContent);
      option.textStyle = Object.assign({ color: text, fontFamily: css.getPropertyValue("--tblr-font-sans-serif") }, option.textStyle);
      option.animation = !matchMedia("(prefers-reduced-motion: reduce)").matches && !drawn.has(el.dataset.chart);
      [].concat(option.xAxis || [], option.yAxis || []).forEach(function (axis) {
        axis.axisLabel = Object.assign({ color: text }, axis.type === "value" ? { formatter: spoken } : {}, axis.axisLabel);
        axis.splitLine = Object.assign({ lineStyle: { color: line } }, axis.splitLine);
      });
      if (option.tooltip) option.tooltip.valueFormatter = spoken;
      var named = option.legend && (option.legend.data || option.series[0].data.map(function (one) { return one.name; }));
      delete option.legend;
      var chart = echarts.getInstanceByDom(el) || echarts.init(el, null, { renderer: "svg" });
      chart.setOption(option, true);
      if (named) legend(el, named, chart.getOption().color);
      el.dataset.drawn = "yes";
      drawn.add(el.dataset.chart);
    });
  }
  document.addEventListener("DOMContentLoaded", function () { draw(document); });
  document.addEventListener("premia:theme", function () { draw(document); });
  document.addEventListener("htmx:after:swap", function () { draw(document); });
  window.addEventListener("resize", function () {
    if (!window.echarts) return;
    document.querySelectorAll("[data-drawn]").forEach(function (el) {
      var chart = echarts.getInstanceByDom(el);
      if (chart) chart.resize();
    });
  });
})();
