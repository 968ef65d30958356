// Keeps the shell of the portal, so that it opens without a connection, and the card of
// the member who is signed in; nothing else of what members see.
"use strict";
// The shell is that of a language and a version: where either is another, so is this text,
// and the browser installs it anew.
const shell = ["SHELL"], shellCache = "VERSION";
const cardCache = "card";

// signedOut counts how often somebody signed out while this runs: a card that was asked
// for before must not be kept after it, on a phone that others use too.
let signedOut = 0;

// forget drops the card, tells the server, and drops what came meanwhile.
function forget(request) {
  signedOut++;
  return caches.delete(cardCache).then(function () { return fetch(request); }).then(function (answer) {
    return caches.delete(cardCache).then(function () { return answer; });
  });
}

self.addEventListener("install", function (e) {
  e.waitUntil(caches.open(shellCache).then(function (c) { return c.addAll(shell); }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (e) {
  e.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (n) { return n !== shellCache && n !== cardCache; }).map(function (n) { return caches.delete(n); }));
  }).then(function () { return self.clients.claim(); }));
});

// keepCard reads the card anew; where nobody is signed in any more, the server sends
// elsewhere, and the card goes.
function keepCard() {
  const before = signedOut;
  return fetch("/card", { redirect: "manual", credentials: "same-origin" }).then(function (answer) {
    return answer.ok && before === signedOut ? caches.open(cardCache).then(function (c) { return c.put("/card", answer); }) : caches.delete(cardCache);
  }, function () { /* no connection: the card stays */ });
}

function page(request) {
  return fetch(request).then(function (answer) {
    if (answer.headers.get("Premia-Visitor") === "nobody") caches.delete(cardCache);
    return answer;
  }, function () {
    return caches.match("/card", { cacheName: cardCache, ignoreVary: true }).then(function (card) {
      return card || caches.match("/offline", { cacheName: shellCache, ignoreVary: true });
    });
  });
}

self.addEventListener("message", function (e) {
  if (e.data === "keep card") e.waitUntil(keepCard());
});

self.addEventListener("fetch", function (e) {
  const request = e.request, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && (url.pathname === "/sign-out" || url.pathname === "/profile/leave")) {
    e.respondWith(forget(request));
  } else if (/^\/(console|till|v1|docs|openapi\.json|metrics|healthz|readyz)(\/|$)/.test(url.pathname)) {
    return; // these are no pages of the portal: without a connection nothing takes their place
  } else if (request.mode === "navigate" && request.method === "GET") {
    e.respondWith(page(request));
  } else if (request.method === "GET" && (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/look/"))) {
    e.respondWith(caches.match(request, { cacheName: shellCache, ignoreVary: true }).then(function (kept) { return kept || fetch(request); }));
  }
});
