package postgres

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/lib/pq"

	"bauta.dev/bauta/app/postgres/pgtest"
)

// PostgreSQL itself says whether our arrays are what it takes for arrays.
func TestArraysAreWhatPostgreSQLReads(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("postgres", pgtest.New(t, nil).URL("bauta_owner")+"&sslmode=disable&binary_parameters=yes")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, test := range []struct {
		kind string
		sent []byte
		want string
	}{
		{"int8[]", int8s([]int64{1, -2, 1 << 60}), "{1,-2,1152921504606846976}"},
		{"int4[]", int4s([]int32{7, -7}), "{7,-7}"},
		{"int2[]", int2s([]int16{-1, 300}), "{-1,300}"},
		{"bool[]", bools([]bool{true, false}), "{t,f}"},
		{"bytea[]", byteas([][]byte{{1, 2}, {}}), `{"\\x0102","\\x"}`},
		{"text[]", texts([]string{"a", "", "ü,{"}), `{a,"","ü,{"}`},
		{"uuid[]", uuids([][]byte{make([]byte, 16)}), "{00000000-0000-0000-0000-000000000000}"},
		{"int8[]", int8s(nil), "{}"},
		{"text[]", texts(nil), "{}"},
	} {
		var got string
		err := db.QueryRowContext(context.Background(), "SELECT cast(cast($1 AS "+test.kind+") AS text)", test.sent).Scan(&got)
		if err != nil || got != test.want {
			t.Errorf("%s: %s, %v, want %s", test.kind, got, err, test.want)
		}
	}
}
