//go:build !(js && wasm)

package main

import (
	"fmt"
	"os"
)

// main is for whoever builds it elsewhere: it needs the page around it.
func main() {
	_, _ = fmt.Fprintln(os.Stderr, "this is the program inside the verifier's page: make it with go run ./app/verifier OUT.html; here, use bauta verify")
	os.Exit(2)
}
