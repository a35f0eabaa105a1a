package web

import (
	"errors"

	"bauta.dev/bauta/masking/fault"
)

// Where a mistake is, if it is not in the body. A validation failure says so in its
// words: of a GET there is no body, and "the body has a member" would send its
// caller looking for one.
const (
	inQuery  = "the query has a parameter that cannot be taken"
	inPath   = "the path has an id that cannot be taken"
	inHeader = "a header cannot be taken"
)

// placed says of a validation failure where it is; any other error stays as it is.
func placed(err error, where string) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != "validation_failed" {
		return err
	}
	moved := *f
	moved.Detail = where
	return &moved
}

// atParameter is a validation failure of a parameter.
func atParameter(pointer, code, detail string) error {
	return placed(fault.At(pointer, code, detail), inQuery)
}
