package ledger

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
)

// Errors about a bundle as a file.
var (
	ErrArchive        = errors.New("the file is not a zip that can be read as a bundle")
	ErrArchiveName    = errors.New("a bundle has a member whose name leads elsewhere, or that is there twice")
	ErrArchiveLarge   = errors.New("a bundle holds more than anybody makes")
	ErrArchiveMember  = errors.New("a bundle has a member that no proof covers")
	ErrArchiveReceipt = errors.New("a bundle has no receipt")
)

// Bounds of a bundle: what it may hold when it is unpacked, whatever its own
// directory claims.
const (
	MaxArchiveSize  = 256 << 20 // bytes of the zip, and of all that is in it
	maxArchiveFiles = 10_000

	receiptsFolder = "receipts/"
	receiptSuffix  = ".receipt"
)

// NamedReceipt is one receipt of a bundle; Name is that of its file, without
// folder and suffix.
type NamedReceipt struct {
	Name    string
	Receipt []byte
}

// WriteArchive writes a bundle in its one form (docs/receipt-format.md, section
// 7): stored, without times or extra fields, in the order given. Errors are the
// writer's own.
func WriteArchive(w io.Writer, receipts []NamedReceipt) error {
	z := zip.NewWriter(w)
	for _, r := range receipts {
		size := uint64(len(r.Receipt))
		f, err := z.CreateRaw(&zip.FileHeader{
			Name: receiptsFolder + r.Name + receiptSuffix, Method: zip.Store,
			CRC32: crc32.ChecksumIEEE(r.Receipt), CompressedSize64: size, UncompressedSize64: size,
		})
		if err == nil {
			_, err = f.Write(r.Receipt)
		}
		if err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// VerifyArchive proves each receipt of a bundle as Verify does, in their order;
// two of them may not show two logs under one name. What WriteArchive would not
// write byte for byte is refused, so a bundle holds nothing but receipts.
// Nothing is unpacked to a disk. Errors are those of Verify and ErrArchive….
func VerifyArchive(file []byte, trust Trust) (Proven, error) {
	if len(file) > MaxArchiveSize {
		return Proven{}, fmt.Errorf("read bundle: %w", ErrArchiveLarge)
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return Proven{}, fmt.Errorf("read bundle: %w", ErrArchive) // the cause may quote names
	}
	if err := checkMembers(z.File); err != nil {
		return Proven{}, fmt.Errorf("read bundle: %w", err)
	}
	p := Proven{Anchored: trust.Anchored()}
	roots := forks{}
	var receipts []NamedReceipt
	for i, f := range z.File {
		receipt, err := unpack(f)
		if err == nil {
			err = p.prove(receipt, trust, roots)
		}
		if err != nil {
			return Proven{}, fmt.Errorf("verify member %d: %w", i+1, err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(f.Name, receiptsFolder), receiptSuffix)
		receipts = append(receipts, NamedReceipt{name, receipt})
	}
	same := &comparison{with: file}
	if err := WriteArchive(same, receipts); err != nil || len(same.with) > 0 {
		return Proven{}, fmt.Errorf("read bundle: %w", ErrArchive)
	}
	return p, nil
}

// comparison is a writer that takes nothing but what it is compared with.
type comparison struct{ with []byte }

func (c *comparison) Write(b []byte) (int, error) {
	if !bytes.HasPrefix(c.with, b) {
		return 0, ErrArchive
	}
	c.with = c.with[len(b):]
	return len(b), nil
}

// checkMembers looks at names and claims before anything is unpacked.
func checkMembers(files []*zip.File) error {
	if len(files) == 0 {
		return ErrArchiveReceipt
	}
	if len(files) > maxArchiveFiles {
		return ErrArchiveLarge
	}
	names := make(map[string]bool, len(files))
	var total uint64
	for _, f := range files {
		folded := strings.ToLower(f.Name)
		if !fs.ValidPath(f.Name) || strings.ContainsAny(f.Name, "\\:") || names[folded] || !f.Mode().IsRegular() {
			return ErrArchiveName
		}
		names[folded] = true
		if !strings.HasPrefix(f.Name, receiptsFolder) || !strings.HasSuffix(f.Name, receiptSuffix) {
			return ErrArchiveMember
		}
		if f.Method != zip.Store {
			return ErrArchive
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > MaxReceiptSize || total > MaxArchiveSize {
			return ErrArchiveLarge
		}
	}
	return nil
}

// unpack reads a member, and no further than a receipt can be long: a zip's
// directory says what it likes about sizes.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, ErrArchive
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(io.LimitReader(r, MaxReceiptSize+1))
	switch {
	case len(b) > MaxReceiptSize:
		return nil, ErrArchiveLarge
	case err != nil: // a wrong checksum, or cut short
		return nil, ErrArchive
	}
	return b, nil
}
