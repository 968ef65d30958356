// Package api is Premia over HTTP: JSON under /v1, its OpenAPI document and
// reference, health, metrics, and a page that leads to them.
//
// It decides nothing: each route reads a request, calls a use case of package
// app and writes the answer. What always holds:
//   - every error is a problem document (RFC 9457) with a stable code, a sentence
//     in the language that the caller asks for, and the path of the field;
//   - every request under /v1 has a key whose scopes allow it;
//   - bodies, batches and pages are bounded;
//   - a write with an id, or an Idempotency-Key, happens once however often it is
//     sent.
package api

import "embed"

//go:embed words
var words embed.FS

// Words are the catalogues of what the API and its page say.
func Words() embed.FS { return words }
