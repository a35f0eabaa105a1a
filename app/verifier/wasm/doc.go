// Command wasm decides, inside the verifier's page, what a visitor is told about
// a receipt. The proving is package ledger's, the same that bauta verify uses.
package main
