package imports

import (
	"fmt"
	"os"
)

// progress adds up what has been read of all files.
type progress struct {
	show     func(Progress)
	done     *int64 // of the files before this one
	total    int64
	rows     int64
	checking bool
}

func (p *progress) step(path string, at int64, rows int) {
	p.rows += int64(rows)
	if p.show != nil {
		p.show(Progress{File: path, Checking: p.checking, Done: min(*p.done+at, p.total), Total: p.total, Rows: p.rows})
	}
}

func (p *progress) finished(bytes int64) { *p.done += bytes }

func sizes(files Files) (total int64, err error) {
	for _, path := range []string{files.Parties, files.Transactions, files.Performances} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return 0, fmt.Errorf("open import file: %w", err)
		}
		total += info.Size() // 0 for a pipe
	}
	return total, nil
}
