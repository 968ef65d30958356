// Keeps the shell of the portal, so that it opens without a connection, and the card of
// the member who is signed in; nothing else of what members see.
"use strict";
const shell = ["SHELL"];
const shellCache = "shell-" + shell.join("|").length + "-" + shell.slice(1).join("|").replace(/[^0-9a-f]/g, "").slice(0, 200);
const cardCache = "card";

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
  return fetch("/card", { redirect: "manual", credentials: "same-origin" }).then(function (answer) {
    return answer.ok ? caches.open(cardCache).then(function (c) { return c.put("/card", answer); }) : caches.delete(cardCache);
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
    e.respondWith(caches.delete(cardCache).then(function () { return fetch(request); }));
  } else if (/^\/(console|till)(\/|$)/.test(url.pathname)) {
    return; // these are no pages of the portal: without a connection nothing takes their place
  } else if (request.mode === "navigate" && request.method === "GET") {
    e.respondWith(page(request));
  } else if (request.method === "GET" && (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/look/"))) {
    e.respondWith(caches.match(request, { cacheName: shellCache, ignoreVary: true }).then(function (kept) { return kept || fetch(request); }));
  }
});
