// The editor of a program's text: line numbers, saving and checking while it is
// typed, jumps to mistakes, and completion. The page works without it.
(function () {
  "use strict";

  function begin(form) {
    var area = form.querySelector("textarea"), gutter = form.querySelector(".gutter"), list = document.getElementById("suggestions");
    var seen = document.getElementById("seen"), saving = document.getElementById("saving"), status = document.getElementById("status");
    var checked = document.getElementById("checked");
    var items = [], active = -1, word = "", saver, completer, busy = false, again = false, asked = 0, stopped = area.readOnly;

    function number() {
      var lines = area.value.split("\n").length, text = "";
      for (var i = 1; i <= lines; i++) text += i + "\n";
      if (gutter.textContent !== text) gutter.textContent = text;
      gutter.scrollTop = area.scrollTop;
    }

    // One save at a time: each says which change it was made from.
    function save() {
      if (stopped) return;
      if (busy) { again = true; return; }
      busy = true;
      again = false;
      saving.textContent = form.dataset.saving;
      var body = new URLSearchParams();
      body.set("seen", seen.value);
      body.set("document", area.value);
      fetch(form.dataset.check, { method: "POST", body: body, headers: { "HX-Request": "true" } }).then(function (answer) {
        var now = answer.headers.get("X-Seen");
        if (now) seen.value = now; else stopped = true;
        return answer.text().then(function (html) {
          checked.innerHTML = html;
          saving.textContent = now ? form.dataset.saved : form.dataset.failed;
        });
      }).catch(function () {
        saving.textContent = form.dataset.failed;
        again = true;
      }).finally(function () {
        busy = false;
        if (again) later(2000);
      });
    }
    function later(ms) { clearTimeout(saver); saver = setTimeout(save, ms); }

    function insert(text) {
      // This keeps the browser's undo.
      if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    }

    function close() {
      list.hidden = true;
      items = [];
      active = -1;
      area.removeAttribute("aria-activedescendant");
      area.removeAttribute("aria-controls");
    }

    function choose(i) {
      active = i;
      Array.from(list.children).forEach(function (li, n) {
        li.setAttribute("aria-selected", n === i ? "true" : "false");
        if (n === i) { li.scrollIntoView({ block: "nearest" }); area.setAttribute("aria-activedescendant", li.id); }
      });
      if (i < 0) area.removeAttribute("aria-activedescendant");
    }

    function accept(i) {
      var at = area.selectionStart;
      area.focus();
      area.setSelectionRange(at - word.length, at);
      insert(items[i].text);
      close();
    }

    // Where the cursor stands, by the width of a letter.
    function place() {
      var css = getComputedStyle(area), before = area.value.slice(0, area.selectionStart).split("\n");
      var pen = place.pen || (place.pen = document.createElement("canvas").getContext("2d"));
      pen.font = css.font;
      var height = parseFloat(css.lineHeight), left = pen.measureText(before[before.length - 1]).width;
      list.style.top = area.offsetTop + parseFloat(css.paddingTop) + before.length * height - area.scrollTop + "px";
      list.style.left = Math.max(0, Math.min(area.offsetLeft + parseFloat(css.paddingLeft) + left - area.scrollLeft, area.offsetLeft + area.clientWidth - 260)) + "px";
    }

    function show(first) {
      list.textContent = "";
      items.forEach(function (item, n) {
        var li = document.createElement("li"), text = document.createElement("span"), help = document.createElement("small");
        li.id = "suggestion-" + n;
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", "false");
        text.textContent = item.text;
        help.textContent = item.help || "";
        li.append(text, help);
        li.addEventListener("mousedown", function (e) { e.preventDefault(); accept(n); });
        list.append(li);
      });
      place();
      list.hidden = false;
      area.setAttribute("aria-controls", "suggestions");
      if (status) status.textContent = form.dataset.one.replace("0", items.length);
      choose(first ? 0 : -1);
    }

    function complete(first) {
      var mine = ++asked, body = new URLSearchParams();
      body.set("before", area.value.slice(0, area.selectionStart));
      body.set("document", area.value);
      fetch(form.dataset.complete, { method: "POST", body: body }).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (got) {
        if (mine !== asked || !got) return;
        word = got.word;
        items = got.items.slice(0, 50);
        if (items.length && (first || word.length > 0)) { show(first); return; }
        close();
        if (first && status) status.textContent = form.dataset.none;
      }).catch(close);
    }

    area.addEventListener("input", function () {
      number();
      later(700);
      close();
      clearTimeout(completer);
      completer = setTimeout(function () { complete(false); }, 250);
    });
    area.addEventListener("scroll", function () { gutter.scrollTop = area.scrollTop; if (!list.hidden) place(); });
    area.addEventListener("blur", close);
    area.addEventListener("click", close);

    area.addEventListener("keydown", function (e) {
      if ((e.ctrlKey || e.metaKey) && e.key === " ") { e.preventDefault(); complete(true); return; }
      if (!list.hidden) {
        if (e.key === "ArrowDown") { e.preventDefault(); choose((active + 1) % items.length); return; }
        if (e.key === "ArrowUp") { e.preventDefault(); choose((active + items.length - 1) % items.length); return; }
        if (e.key === "Escape") { e.preventDefault(); close(); return; }
        if ((e.key === "Enter" || e.key === "Tab") && active >= 0) { e.preventDefault(); accept(active); return; }
      }
      if (e.key === "Enter" && !area.readOnly && !e.ctrlKey && !e.metaKey) {
        var line = area.value.slice(0, area.selectionStart).split("\n").pop(), indent = line.match(/^ */)[0];
        if (!indent) return;
        e.preventDefault();
        insert("\n" + indent);
      }
    });

    function jump(line, column) {
      var lines = area.value.split("\n"), at = 0;
      for (var i = 0; i < line - 1 && i < lines.length; i++) at += lines[i].length + 1;
      var text = lines[line - 1] || "";
      at += Array.from(text).slice(0, column - 1).join("").length;
      area.focus();
      area.setSelectionRange(at, at);
      area.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(area).lineHeight));
      number();
    }
    checked.addEventListener("click", function (e) {
      var link = e.target.closest("[data-line]");
      if (!link) return;
      e.preventDefault();
      jump(+link.dataset.line, +link.dataset.column);
    });
    var wanted = new URLSearchParams(location.search);
    number();
    if (wanted.has("line")) jump(+wanted.get("line"), +wanted.get("column") || 1);
  }

  document.addEventListener("DOMContentLoaded", function () { document.querySelectorAll("[data-editor]").forEach(begin); });
})();
