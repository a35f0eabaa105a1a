package documents

import (
	"bytes"
	"strings"
)

const (
	jpegMagic = "\xff\xd8\xff"
	pngMagic  = "\x89PNG\r\n\x1a\n"
	pdfMagic  = "%PDF-"
)

// headOf is how far readers of PDF look for its beginning, and readers of the
// web for a tag.
const headOf = 1024

// archives are how archives begin.
var archives = []string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\x1f\x8b", "BZh", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd"}

// sniff says what a document is, or why it is not taken.
func sniff(b []byte) (Kind, error) {
	switch {
	case len(b) == 0:
		return "", ErrEmpty
	case len(b) > MaxBytes:
		return "", ErrTooLarge
	case bytes.HasPrefix(b, []byte(jpegMagic)):
		return JPEG, alone(b)
	case bytes.HasPrefix(b, []byte(pngMagic)):
		return PNG, alone(b)
	case bytes.HasPrefix(b, []byte(pdfMagic)):
		return PDF, alonePDF(b)
	}
	return "", other(b)
}

// other says what it is that is not taken.
func other(b []byte) error {
	for _, magic := range archives {
		if bytes.HasPrefix(b, []byte(magic)) {
			return ErrArchive
		}
	}
	if bytes.Contains(b[:min(len(b), headOf)], []byte(pdfMagic)) {
		return ErrPolyglot
	}
	for _, magic := range []string{jpegMagic, pngMagic, pdfMagic} {
		if strings.HasPrefix(magic, string(b)) {
			return ErrTruncated
		}
	}
	// NULs are dropped, so that UTF-16 is read as well; a comment before the
	// element may be long.
	text := bytes.ToLower(bytes.ReplaceAll(b[:min(len(b), 64*headOf)], []byte{0}, nil))
	text = bytes.TrimLeft(text, "\xef\xbb\xbf\xfe\xff \t\r\n")
	switch {
	case !bytes.HasPrefix(text, []byte("<")):
	case bytes.Contains(text, []byte("<html")), bytes.HasPrefix(text, []byte("<!doctype html")):
		return ErrHTML
	case bytes.Contains(text, []byte("<svg")), bytes.Contains(text, []byte(":svg")):
		return ErrSVG
	case bytes.Contains(text, []byte("<script")), bytes.Contains(text, []byte("<body")):
		return ErrHTML
	}
	return ErrType
}

// alone refuses a picture that is an archive or a PDF as well. Other bytes
// after its end are common (cameras put a second picture or a film there), and
// are not in the derivative.
func alone(b []byte) error {
	if endsAsZIP(b) || bytes.Contains(b[:min(len(b), headOf)], []byte(pdfMagic)) {
		return ErrPolyglot
	}
	return nil
}

// alonePDF refuses a PDF after whose end something else comes.
func alonePDF(b []byte) error {
	if endsAsZIP(b) {
		return ErrPolyglot
	}
	end := bytes.LastIndex(b, []byte("%%EOF"))
	switch {
	case end < 0:
		return ErrTruncated
	case len(bytes.Trim(b[end+len("%%EOF"):], " \t\r\n\x00")) > 0:
		if bytes.Contains(b[end:], []byte("obj")) {
			return ErrTruncated // a revision that was cut off
		}
		return ErrPolyglot
	}
	return nil
}

// endsAsZIP looks for the end record of a ZIP where its readers do: within the
// longest comment of the end. By chance its four bytes are there in one
// document of 65,000.
func endsAsZIP(b []byte) bool {
	const record, comment = 22, 1<<16 - 1
	return bytes.Contains(b[max(0, len(b)-record-comment):], []byte("PK\x05\x06"))
}
