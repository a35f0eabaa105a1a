package documents

import "bauta.dev/bauta/masking/fault"

// Why a document is refused. None of them says anything of what is in it.
var (
	ErrEmpty       = fault.New(fault.Invalid, "document_empty", "the document has no bytes")
	ErrTooLarge    = fault.New(fault.TooLarge, "document_too_large", "a document has at most 20 MiB")
	ErrType        = fault.New(fault.Media, "document_type", "a document is a JPEG, a PNG or a PDF: send other kinds (HEIC, TIFF, WebP and so on) as one of these")
	ErrSVG         = fault.New(fault.Media, "document_svg", "an SVG can run programs and is not taken: send a scan as JPEG or PNG")
	ErrHTML        = fault.New(fault.Media, "document_html", "a page of the web is not taken: send a scan as JPEG or PNG")
	ErrArchive     = fault.New(fault.Media, "document_archive", "archives, and files of office programs, which are archives, are not taken: send each document as JPEG, PNG or PDF")
	ErrPolyglot    = fault.New(fault.Media, "document_polyglot", "the document is of two kinds at once: send a scan as JPEG or PNG")
	ErrTruncated   = fault.New(fault.Invalid, "document_truncated", "the end of the document is missing: send all of it")
	ErrDamaged     = fault.New(fault.Invalid, "document_damaged", "the document cannot be read: send a scan as JPEG or PNG")
	ErrPixels      = fault.New(fault.Invalid, "document_pixels", "the picture has too many pixels: 40 million at most, fewer where they take more memory (16 million as PNG in colour, 8 as progressive JPEG)")
	ErrEncrypted   = fault.New(fault.Invalid, "document_encrypted", "the PDF is encrypted: send it without a password, or a scan as JPEG or PNG")
	ErrUnsupported = fault.New(fault.Invalid, "document_unsupported", "the PDF has in it what cannot be rewritten safely: send a scan as JPEG or PNG")
	ErrTooComplex  = fault.New(fault.Invalid, "document_too_complex", "the document has too many pages or parts, unpacks to too much or takes too long to be made anew: send a plain scan as JPEG or PNG")
)
