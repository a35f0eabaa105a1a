// Package stories decides whether the whole service keeps its word: real
// requests over TCP, the real broker, store and PostgreSQL, a clock that the
// story sets. It has tests alone.
package stories
