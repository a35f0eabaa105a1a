//go:build !jumping

package main

import "time"

// clock is the only one. What is released has no other; clock_jumping.go is for
// the torture alone.
func clock() func() time.Time { return time.Now }
