package stories
import ("testing";"os";"path/filepath")
func dbg(t *testing.T, h *house) { t.Log(h.ask(t, `SELECT string_agg(concat_ws('|',pid,state,wait_event_type,wait_event,left(query,60)), E'\n') FROM pg_stat_activity WHERE usename='bauta'`)); t.Log(h.ask(t, `SELECT max(size)::text||' '||(select count(*) from ledger_entries)::text FROM ledger_checkpoints`)) }
func dbglog(t *testing.T, pid int) {
 d, _ := os.Readlink("/proc/"+itoa(pid)+"/cwd")
 m, _ := filepath.Glob(filepath.Dir(d)+"/*log*")
 for _, f := range m { b,_ := os.ReadFile(f); t.Log(f, string(b)) }
}
