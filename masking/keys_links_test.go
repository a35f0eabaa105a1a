package masking

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// What the first of several processes found holds for all of them, and stays.
func TestUnlinkedIsSettledOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	f, err := OpenFolder(dir, rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no database")
	if _, err := f.SettleUnlinked(func() (int64, error) { return 0, failed }); !errors.Is(err, failed) {
		t.Errorf("what was not found: %v", err)
	}
	var wait sync.WaitGroup
	sizes := make([]int64, 8)
	for i := range sizes {
		wait.Go(func() {
			again, err := OpenFolder(dir, rand.Reader, false)
			if err != nil {
				t.Error(err)
				return
			}
			if sizes[i], err = again.SettleUnlinked(func() (int64, error) { return int64(40 + i), nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, size := range sizes {
		if size != sizes[0] || size < 40 {
			t.Errorf("settled as %v", sizes)
		}
	}
	for _, bad := range []string{"", "-1\n", "040\n", "40 \n", "forty\n", "40\n41\n"} {
		if err := os.WriteFile(filepath.Join(dir, unlinkedFile), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if size, err := f.SettleUnlinked(func() (int64, error) { return 7, nil }); !errors.Is(err, ErrFolderBroken) {
			t.Errorf("%q is read as %d, %v", bad, size, err)
		}
	}
}
