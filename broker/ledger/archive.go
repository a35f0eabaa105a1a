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
	ErrArchiveCase    = errors.New("this is the bundle of a case: bauta verify reads it")
)

// Bounds of a bundle: what it may hold when it is unpacked, whatever its own
// directory claims.
const (
	MaxArchiveSize  = 256 << 20 // bytes of the zip, and of all that is in it
	maxArchiveFiles = 10_000

	// CaseManifest is the first member of the bundle of a case: docs/bundle-format.md.
	CaseManifest = "manifest.json"

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
	members := make([]ArchiveMember, len(receipts))
	for i, r := range receipts {
		members[i] = ArchiveMember{receiptsFolder + r.Name + receiptSuffix, r.Receipt}
	}
	return WriteMembers(w, members)
}

// ArchiveMember is one file of a zip.
type ArchiveMember struct {
	Name    string
	Content []byte
}

// WriteMembers writes a zip in its one form, whatever its members are.
func WriteMembers(w io.Writer, members []ArchiveMember) error {
	z := zip.NewWriter(w)
	for _, m := range members {
		size := uint64(len(m.Content))
		f, err := z.CreateRaw(&zip.FileHeader{
			Name: m.Name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(m.Content), CompressedSize64: size, UncompressedSize64: size,
		})
		if err == nil {
			_, err = f.Write(m.Content)
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

// ReadMembers is the strict inverse of WriteMembers: a zip that it would not write
// byte for byte, a name that leads elsewhere or is there twice, and more than anybody
// makes are errors (ErrArchive…). Nothing is unpacked to a disk.
func ReadMembers(file []byte) ([]ArchiveMember, error) {
	members, err := unpackAll(file)
	if err == nil {
		err = inOneForm(file, members)
	}
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	return members, nil
}

func inOneForm(file []byte, members []ArchiveMember) error {
	same := &comparison{with: file}
	if err := WriteMembers(same, members); err != nil || len(same.with) > 0 {
		return ErrArchive
	}
	return nil
}

func unpackAll(file []byte) ([]ArchiveMember, error) {
	if len(file) > MaxArchiveSize {
		return nil, ErrArchiveLarge
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, ErrArchive // the cause may quote names
	}
	if err := checkMembers(z.File); err != nil {
		return nil, err
	}
	members := make([]ArchiveMember, len(z.File))
	for i, f := range z.File {
		content, err := unpack(f)
		if err != nil {
			return nil, err
		}
		members[i] = ArchiveMember{f.Name, content}
	}
	return members, nil
}

// VerifyArchive proves each receipt of a bundle as Verify does, in their order;
// two of them may not show two logs under one name. What WriteArchive would not
// write byte for byte is refused, so a bundle holds nothing but receipts.
// Nothing is unpacked to a disk. Errors are those of Verify and ErrArchive….
func VerifyArchive(file []byte, trust Trust) (Proven, error) {
	members, err := unpackAll(file)
	if err != nil {
		return Proven{}, fmt.Errorf("read bundle: %w", err)
	}
	receipts := make([][]byte, len(members))
	for i, m := range members {
		switch {
		case i == 0 && m.Name == CaseManifest:
			return Proven{}, fmt.Errorf("read bundle: %w", ErrArchiveCase)
		case !strings.HasPrefix(m.Name, receiptsFolder) || !strings.HasSuffix(m.Name, receiptSuffix):
			return Proven{}, fmt.Errorf("read bundle: %w", ErrArchiveMember)
		}
		receipts[i] = m.Content
	}
	if len(receipts) == 0 {
		return Proven{}, fmt.Errorf("read bundle: %w", ErrArchiveReceipt)
	}
	p, err := VerifyAll(receipts, trust)
	if err == nil {
		err = inOneForm(file, members)
	}
	if err != nil {
		return Proven{}, fmt.Errorf("read bundle: %w", err)
	}
	return p, nil
}

// VerifyAll proves each of several receipts as Verify does; no two may show two
// logs under one name.
func VerifyAll(receipts [][]byte, trust Trust) (Proven, error) {
	p := Proven{Anchored: trust.Anchored()}
	roots := forks{}
	for i, r := range receipts {
		if err := p.prove(r, trust, roots); err != nil {
			return Proven{}, fmt.Errorf("verify member %d: %w", i+1, err)
		}
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
