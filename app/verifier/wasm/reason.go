package main

import (
	"errors"
	"strings"

	"bauta.dev/bauta/broker/ledger"
)

// Errors that are the page's own.
var (
	errTooLarge = errors.New("the file is larger than any receipt")
	errBroken   = errors.New("the check itself broke")
)

// reason is how a failure is called and told. The name is the error's in
// snake_case, and stays.
type reason struct {
	err      error
	name     string
	headline string
	sentence string
}

const (
	notReceipt = "It is a file of another kind, or it was changed by somebody who did not know the form."
	altered    = "The file was changed after it was made, or it was never right."
)

// reasons are in order: the first that an error is.
var reasons = []reason{
	{errTooLarge, "too_large", "the file is too large", "Nothing larger than 16 MiB is verified here; bauta verify takes bundles of up to 256 MiB."},
	{errBroken, "broken", "the check itself broke", "That is a fault of this page, and says nothing about the file."},
	{ledger.ErrKey, "key", "the key cannot be read", "What you gave as a key is not a log’s verifier key, or is there twice. The file was not looked at."},
	{ledger.ErrPolicy, "policy", "the policy cannot be read", "What you gave as a policy is not a tlog-policy that names a log and a quorum. The file was not looked at."},
	{ledger.ErrArchive, "archive", "this is not a bundle", "It is a zip file, but not one that is written as a bundle of receipts is."},
	{ledger.ErrArchiveName, "archive_name", "a name in the bundle leads elsewhere", altered},
	{ledger.ErrArchiveLarge, "archive_large", "the bundle holds too much", altered},
	{ledger.ErrArchiveMember, "archive_member", "the bundle holds more than receipts", "What no proof covers has no place in a bundle."},
	{ledger.ErrArchiveCase, "archive_case", "this is the bundle of a case", "This page reads receipts, and bundles of receipts. The command bauta verify reads the bundle of a case, offline as well."},
	{ledger.ErrArchiveReceipt, "archive_receipt", "the bundle is empty", altered},
	{ledger.ErrReceiptSum, "receipt_sum", "the file was cut or changed", "Its last line is a sum of everything before it, and does not fit."},
	{ledger.ErrReceipt, "receipt", "this is not a receipt", notReceipt},
	{ledger.ErrUntrusted, "untrusted", "not signed by a log that you trust", "The checkpoint in the file is not signed by a key that you gave. It may be another log’s, or forged."},
	{ledger.ErrQuorum, "quorum", "too few witnesses", "The log has signed it, but fewer of the witnesses that you trust have cosigned it than your policy asks for."},
	{ledger.ErrSignature, "signature", "a signature is wrong", "The checkpoint is signed as it has to be, but another signature is in the name of a key that you gave, and that key did not make it. " + altered},
	{ledger.ErrNotIncluded, "not_included", "the entry is not in the log", "The proof in the file does not lead from the entry to the signed head of the log."},
	{ledger.ErrFork, "fork", "two logs under one name", "The file holds entries that could not stand in one log. If both are signed, the log’s operator has shown different histories."},
	{ledger.ErrDigest, "digest", "this is not what the entry says", "The text in the file is not the one that was signed."},
	{ledger.ErrOpening, "opening", "this is not the value", "A value that the file opens is not the one that the entry commits to."},
	{ledger.ErrContradiction, "contradiction", "the entry contradicts itself", "What it says in one place is not what it says in the other."},
	{ledger.ErrCheckpoint, "checkpoint", "there is no signed head in it", altered},
	{ledger.ErrProofMalformed, "proof_malformed", "the proof cannot be read", altered},
	{ledger.ErrProofSize, "proof_size", "the proof is of an empty log", altered},
	{ledger.ErrProofIndex, "proof_index", "the entry is beyond the log’s end", altered},
	{ledger.ErrEntryMalformed, "entry_malformed", "the entry cannot be read", altered},
	{ledger.ErrTypeUnknown, "type_unknown", "the entry is of an unknown type", altered},
	{ledger.ErrAudienceUnknown, "audience_unknown", "said to somebody whom the entry does not know", altered},
	{ledger.ErrSalt, "salt", "a salt has the wrong length", altered},
	{ledger.ErrMemberUnknown, "member_unknown", "the entry says what it cannot say", altered},
	{ledger.ErrNotCanonical, "not_canonical", "the text is not written as it has to be", altered},
	{ledger.ErrSignatureLines, "signature_lines", "the signatures are out of order, or there twice", altered},
	{ledger.ErrItemTwice, "item_twice", "an entry is there twice", altered},
	{ledger.ErrItemOrder, "item_order", "the entries are out of order", altered},
	{ledger.ErrSaidOrder, "said_order", "the audiences are out of order", altered},
}

// failure tells why, and shows nothing of the file.
func failure(err error) outcome {
	told := reason{err, "other", "the file is not right", altered}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			told = r
			break
		}
	}
	return outcome{
		State: failed, Reason: told.name, Headline: "Failed: " + told.headline,
		Sentence: told.sentence + " Nothing in it is proven.", Detail: visible(err.Error()),
	}
}

// readTrust reads verifier keys, one a line, or a tlog-policy. Nothing at all is
// nobody; a text in which there is neither is an error, and never nobody.
func readTrust(text string) (ledger.Trust, error) {
	if strings.TrimSpace(text) == "" {
		return ledger.Trust{}, nil
	}
	if len(text) > ledger.MaxPolicySize {
		return ledger.Trust{}, ledger.ErrPolicy
	}
	all := trustLines(text)
	for _, line := range all {
		switch strings.Fields(line)[0] {
		case "log", "witness", "group", "quorum":
			return ledger.ParsePolicy([]byte(strings.ReplaceAll(text, "\r\n", "\n") + "\n"))
		}
	}
	return ledger.TrustKeys(all...)
}

// trustLines are the lines that say something.
func trustLines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}
