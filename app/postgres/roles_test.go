package postgres_test

import "testing"

// Whoever dumps the data reads all of it but the keys: one sequence that he may
// not read, and there is no dump.
func TestReaderReadsAllButKeys(t *testing.T) {
	t.Parallel()
	a := outlaw(t, newHouse(t))
	for _, row := range a.list(t, `SELECT c.oid::regclass, n.nspname, has_table_privilege('bauta_reader', c.oid, 'SELECT') AND has_schema_privilege('bauta_reader', n.oid, 'USAGE')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'keys') AND c.relkind IN ('r', 'S')`) {
		if name, schema, reads := row[0], row[1], row[2]; (reads == "true") != (schema == "public") {
			t.Errorf("%s: that bauta_reader reads it is %s", name, reads)
		}
	}
}
