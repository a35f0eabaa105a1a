//go:build js && wasm

package main

import (
	"encoding/json"
	"syscall/js"

	"bauta.dev/bauta/broker/ledger"
)

// main gives the page one object, bauta, and stays until the page is closed.
// bauta.verify takes the bytes of the file and the text of keys, and gives the
// outcome as JSON; bauta.enough is how much of a file it wants to see at most.
func main() {
	js.Global().Set("bauta", map[string]any{
		"enough": ledger.MaxReceiptSize + 1,
		"verify": js.FuncOf(func(_ js.Value, args []js.Value) any {
			file := make([]byte, args[0].Length())
			js.CopyBytesToGo(file, args[0])
			answer, err := json.Marshal(verify(file, args[1].String()))
			if err != nil {
				return nil // the page takes what is not JSON for a failure
			}
			return string(answer)
		}),
	})
	select {}
}
