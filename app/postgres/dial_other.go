//go:build !linux

package postgres

import (
	"net"
	"time"
)

// unacknowledged: keep-alive alone finds a dead peer here.
func unacknowledged(net.Conn, time.Duration) error { return nil }
