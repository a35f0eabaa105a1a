package web

import (
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

func roleWords(r accounts.Role) string {
	s := plainly(string(r))
	return strings.ToUpper(s[:1]) + s[1:]
}

// plainly writes a code as words.
func plainly(code string) string { return strings.ReplaceAll(code, "_", " ") }

func noticeWords(n broker.AccountNotice) string {
	role := plainly(string(n.Role))
	switch n.Event {
	case accounts.Made:
		return "Made: " + role
	case accounts.RoleChanged:
		return "New role: " + role
	case accounts.Ended:
		return "Ended: " + role
	default:
		return plainly(string(n.Event))
	}
}
