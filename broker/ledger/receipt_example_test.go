package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"bauta.dev/bauta/broker/ledger"
)

const witnessKey = "witness1.example+d0089c06+BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"

// documentedReceipt cuts the worked example out of docs/receipt-format.md.
func documentedReceipt() (file []byte, vkey string) {
	doc, err := os.ReadFile("../../docs/receipt-format.md")
	if err != nil {
		panic(err)
	}
	_, text, _ := strings.Cut(string(doc), "The receipt:\n\n")
	text, rest, _ := strings.Cut(text, "\nThe log's verifier keys, Ed25519 and ML-DSA-44:\n\n    ")
	for line := range strings.Lines(text) {
		file = append(file, strings.TrimPrefix(line, "    ")...)
	}
	vkey, _, _ = strings.Cut(rest, "\n")
	return file, vkey
}

// A seller hands a receipt to a court, which has the log's key from elsewhere.
func ExampleVerify() {
	file, vkey := documentedReceipt()

	trust, err := ledger.TrustKeys(vkey)
	if err != nil {
		fmt.Println(err)
		return
	}
	proven, err := ledger.Verify(file, trust)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, entry := range proven.Entries {
		fmt.Println(entry)
		fmt.Println(entry.Says[0].Members.String("decision"), "by", entry.Says[0].Members.String("ground"))
	}

	_, err = ledger.Verify(bytes.Replace(file, []byte(`"granted"`), []byte(`"refused"`), 1), trust)
	fmt.Println(errors.Is(err, ledger.ErrReceiptSum))
	// Output:
	// entry 5: disclosure_decided, 2026-03-04T05Z, said to parties and requester, in the log of size 7, opens name
	// granted by 3b
	// true
}

// Without a key everything but the signature is checked, which is worth little:
// whoever made the file could have made the log.
func ExampleVerify_unanchored() {
	file, _ := documentedReceipt()
	proven, err := ledger.Verify(file, ledger.Trust{})
	fmt.Println(proven.Anchored, err)
	// Output:
	// false <nil>
}

// A policy names the log, and who has to have seen its checkpoints.
func ExampleParsePolicy() {
	file, vkey := documentedReceipt()
	trust, err := ledger.ParsePolicy([]byte("log " + vkey + "\n" +
		"witness w " + witnessKey + "\n" +
		"quorum w\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = ledger.Verify(file, trust)
	fmt.Println(errors.Is(err, ledger.ErrQuorum))
	// Output:
	// true
}
