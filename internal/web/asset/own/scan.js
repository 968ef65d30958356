// Scans cards and codes by the camera, or from a picture of one: by the browser itself
// where it can, and otherwise by a decoder that is loaded when it is needed first.
(function () {
  "use strict";
  var box = document.getElementById("scanner");
  if (!box) return;
  var video = box.querySelector("video"), say = box.querySelector("[data-say]");
  var target = null, stay = false, stream = null, timer = 0, decoder = null;

  function words(when) { var el = box.querySelector("[data-when='" + when + "']"); say.textContent = el ? el.textContent : ""; }

  function load(src) {
    return new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = src;
      script.onload = resolve;
      script.onerror = reject;
      document.head.appendChild(script);
    });
  }

  // A decoder takes what can be drawn on a canvas and gives a text, or null.
  function native() {
    if (!("BarcodeDetector" in window)) return Promise.resolve(null);
    return BarcodeDetector.getSupportedFormats().then(function (all) {
      var wanted = ["qr_code", "ean_13", "ean_8", "code_128"].filter(function (f) { return all.indexOf(f) >= 0; });
      if (wanted.length < 4) return null;
      var detector = new BarcodeDetector({ formats: wanted });
      return function (source) { return detector.detect(source).then(function (found) { return found.length ? found[0].rawValue : null; }); };
    }, function () { return null; });
  }
  function vendored() {
    return load(box.dataset.decoder).then(function () {
      var Z = window.ZXing, hints = new Map(), reader = new Z.MultiFormatReader();
      hints.set(Z.DecodeHintType.POSSIBLE_FORMATS, [Z.BarcodeFormat.QR_CODE, Z.BarcodeFormat.EAN_13, Z.BarcodeFormat.EAN_8, Z.BarcodeFormat.CODE_128]);
      hints.set(Z.DecodeHintType.TRY_HARDER, true);
      var canvas = document.createElement("canvas");
      return function (source) {
        var width = source.videoWidth || source.width, height = source.videoHeight || source.height, scale = Math.min(1, 1280 / Math.max(width, height, 1));
        if (!width) return Promise.resolve(null);
        canvas.width = width * scale;
        canvas.height = height * scale;
        canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
        try {
          var bitmap = new Z.BinaryBitmap(new Z.HybridBinarizer(new Z.HTMLCanvasElementLuminanceSource(canvas)));
          return Promise.resolve(reader.decode(bitmap, hints).getText());
        } catch (e) {
          return Promise.resolve(null); // nothing in this picture
        }
      };
    });
  }
  function ready() {
    if (!decoder) decoder = native().then(function (d) { return d || vendored(); });
    return decoder;
  }

  function end() {
    clearTimeout(timer);
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video.srcObject = null;
    if (box.open) box.close();
  }
  function found(text) {
    var field = target;
    end();
    if (!field || !text) return;
    field.value = field.id === "codes" && field.value ? field.value + " " + text : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (stay) field.focus(); else field.form.requestSubmit();
  }

  function look(decode) {
    if (!stream) return;
    decode(video).then(function (text) {
      if (text) found(text); else timer = setTimeout(function () { look(decode); }, 120);
    }, function () { timer = setTimeout(function () { look(decode); }, 120); });
  }

  function start(button) {
    target = document.getElementById(button.dataset.scan);
    stay = button.hasAttribute("data-stay") || target.form.hasAttribute("data-book");
    say.textContent = "";
    box.showModal();
    if (!window.isSecureContext || !navigator.mediaDevices) { words("insecure"); return; }
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false }).then(function (opened) {
      if (!box.open) { opened.getTracks().forEach(function (track) { track.stop(); }); return; }
      stream = opened;
      video.srcObject = opened;
      return Promise.all([video.play(), ready()]).then(function (all) { look(all[1]); });
    }).catch(function (e) { words(e && e.name === "NotAllowedError" ? "refused" : "none"); });
  }

  document.addEventListener("click", function (e) {
    var button = e.target.closest("[data-scan]");
    if (button) start(button);
    if (e.target.closest("[data-scan-end]")) { end(); if (target) target.focus(); }
  });
  box.addEventListener("close", end);
  box.querySelector("[data-picture]").addEventListener("change", function (e) {
    var file = e.target.files[0];
    e.target.value = "";
    if (!file) return;
    Promise.all([createImageBitmap(file), ready()]).then(function (all) { return all[1](all[0]); })
      .then(function (text) { if (text) found(text); else words("nothing"); }, function () { words("nothing"); });
  });
  document.querySelectorAll("[data-scan]").forEach(function (button) { button.hidden = false; });
})();
