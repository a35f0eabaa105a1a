package necessity

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/masking"
)

// Every kind, role, purpose and field has a cell for each of its situations.
func TestTableIsWhole(t *testing.T) {
	e := shipped(t)
	type key struct {
		Kind
		Role
		Purpose
		masking.Field
	}
	cells, conditions, total := map[key]int{}, map[key]int{}, 0
	e.Table(func(c Cell) bool {
		k := key{c.Kind, c.Role, c.Purpose, c.Field}
		cells[k]++
		conditions[k] = len(c.Situation)
		total++
		return true
	})
	for _, k := range Kinds() {
		for _, r := range Roles() {
			for _, p := range Purposes() {
				for _, f := range masking.Fields() {
					key := key{k, r, p, f}
					if cells[key] != 1<<conditions[key] || conditions[key] > maxConditions {
						t.Errorf("%v: %d cells of %d conditions", key, cells[key], conditions[key])
					}
				}
			}
		}
	}
	n := 0
	e.Table(func(Cell) bool { n++; return n < 10 })
	if n != 10 {
		t.Errorf("went on for %d cells", n)
	}
	t.Logf("%d cells", total)
}

// rows are cells that necessary-data.md promises, by hand.
var rows = []struct {
	Kind
	Role
	Purpose
	masking.Field
	holds []Condition
	want  string // outcome, then ground rule expiry contact, or reason missing
}{
	{ShippedGoods, Seller, Deliver, "name", []Condition{Accepted, Held}, "granted 3b deliver-shipped-goods delivered+14d delivery"},
	{ShippedGoods, Seller, Deliver, "phone", []Condition{Accepted, Held}, "granted 3b deliver-shipped-goods delivered+14d delivery"},
	{ShippedGoods, Seller, Deliver, "phone", []Condition{Accepted, Held, SubjectMinor}, "pending 3b deliver-shipped-goods delivered+14d delivery"},
	{ShippedGoods, Seller, Deliver, "email", []Condition{Accepted, Held}, "withheld not_necessary"},
	{ShippedGoods, Seller, Deliver, "address", []Condition{Accepted}, "withheld no_performance pay:held"},
	{ShippedGoods, Seller, Deliver, "address", nil, "withheld no_performance accept:1 pay:held"},
	{ShippedGoods, Seller, Deliver, "address", []Condition{Accepted, Held, Cancelled}, "withheld transaction_cancelled"},
	{ShippedGoods, Seller, Deliver, "address", []Condition{Accepted, Held, SubjectRestricted}, "withheld not_available"},
	{ShippedGoods, Seller, Deliver, "address", []Condition{SubjectRestricted, Held}, "withheld no_performance accept:1"},
	{ShippedGoods, Seller, Delay, "phone", []Condition{Shipped}, "withheld relay_unavailable"},
	{ShippedGoods, Seller, Delay, "phone", []Condition{Shipped, Relay}, "granted 3f delay-shipped-goods-seller promised+7d delivery relay"},
	{ShippedGoods, Seller, Delay, "phone", []Condition{Accepted}, "withheld no_performance ship:1"},
	{ShippedGoods, Buyer, Return, "address", []Condition{Paid, ReturnApproved}, "pending 3f return-shipped-goods returned+14d return"},
	{ShippedGoods, Buyer, Return, "address", []Condition{Paid, ReturnApproved, SubjectBusiness}, "granted 3f return-shipped-goods returned+14d return"},
	{ShippedGoods, Seller, Collect, "address", []Condition{Provided, Unpaid, SubjectBusiness}, "pending 3f collect-shipped-goods-address request+60d invoice"},
	{ShippedGoods, Seller, Collect, "name", []Condition{Provided}, "withheld not_necessary"},
	{ShippedGoods, Seller, Settle, "name", []Condition{Provided}, "withheld not_necessary"},
	{ShippedGoods, Buyer, Settle, "address", []Condition{Paid, DisputeOpen, SubjectBusiness}, "granted 3f settle-shipped-goods-buyer closed+30d own"},
	{LocalPickup, Buyer, HandOver, "address", []Condition{Paid, SlotBooked}, "withheld not_necessary"},
	{LocalPickup, Buyer, HandOver, "locality", []Condition{Paid, SlotBooked}, "granted 3f hand-over-local-pickup-buyer slot_end+24h pickup"},
	{LocalPickup, Buyer, HandOver, "address", []Condition{Paid, SlotBooked, Slot24h}, "granted 3f hand-over-local-pickup-address slot_end+24h pickup"},
	{LocalPickup, Seller, HandOver, "phone", []Condition{Accepted}, "granted 3b hand-over-local-pickup-seller slot_end+24h own"},
	{DigitalGoods, Seller, Deliver, "name", []Condition{Accepted, Held, Provided}, "withheld not_necessary"},
	{DigitalGoods, Seller, Invoice, "name", []Condition{Provided}, "withheld not_necessary"},
	{DigitalGoods, Seller, Invoice, "name", []Condition{Provided, TaxInvoice}, "granted 3f invoice-digital-goods request+30d invoice"},
	{ServiceAtHome, Seller, Delay, "address", []Condition{Accepted, Held}, "pending 3b delay-service-seller slot_end+24h delivery"},
	{ServiceAtHome, Buyer, Deliver, "name", []Condition{Paid}, "withheld not_necessary"},
	{ServiceAtHome, Buyer, Deliver, "name", []Condition{Paid, SubjectBusiness}, "granted 3f deliver-service-firm slot_end+24h own"},
	{Rental, Buyer, Deliver, "address", []Condition{Paid, PaidInFull, SlotBooked, Slot48h}, "granted 3f deliver-rental-address slot_end+48h pickup"},
	{Rental, Buyer, Deliver, "address", []Condition{Paid, SlotBooked, Slot48h}, "withheld no_performance pay:due"},
	{Rental, Buyer, Deliver, "address", []Condition{Slot48h}, "withheld no_performance pay:due"},
	{Rental, Seller, Return, "address", []Condition{Item, Provided, Overdue48h}, "pending 3f return-rental-address returned+7d own"},
	{Rental, Seller, Collect, "name", nil, "withheld no_performance grant_access:1"},
	{UsedGoods, Buyer, HandOver, "address", []Condition{Meet, Paid}, "granted 3f hand-over-used-goods-place slot_end+24h pickup only"},
	{UsedGoods, Seller, Deliver, "address", []Condition{Meet, Accepted, Held}, "withheld not_necessary"},
	{UsedGoods, Seller, Settle, "name", []Condition{Shipped, DisputeOpen}, "pending 3f settle-used-goods-seller-name closed+30d own"},
	{UsedGoods, Seller, Settle, "name", []Condition{Meet, DisputeOpen}, "withheld no_performance hand_over:1"},
	{BusinessSupply, Seller, Deliver, "email", []Condition{Accepted}, "granted 3b deliver-business-supply-email delivered+90d delivery only"},
	{BusinessSupply, Seller, Invoice, "email", []Condition{Provided}, "granted 3f invoice-business-supply-email request+365d invoice only"},
	{BusinessSupply, Buyer, Return, "address", []Condition{Paid, SubjectBusiness}, "granted 3f return-business-supply-address closed+30d return"},
}

func TestRows(t *testing.T) {
	e := shipped(t)
	for _, c := range rows {
		b := Of(c.holds...)
		if got := summary(e.Decide(c.Kind, c.Role, c.Purpose, b).Field(c.Field), c.Kind, b); got != c.want {
			t.Errorf("%s %s %s %s when %s:\n got %s\nwant %s", c.Kind, c.Role, c.Purpose, c.Field, b, got, c.want)
		}
	}
}

func summary(f *FieldDecision, k Kind, b Bits) string {
	s := string(f.Outcome)
	if f.Outcome == Withheld {
		s += " " + string(f.Reason)
		for _, n := range Needs(f.Missing, k, b) {
			s += " " + n.Obligation + ":" + n.Need
		}
		return s
	}
	s += " " + string(f.Ground) + " " + f.Rule + " " + f.Expires.String() + " " + f.Contact
	if f.Only {
		s += " only"
	}
	if f.Channel != "" {
		s += " " + f.Channel
	}
	return s
}

func TestTableAsMarkdown(t *testing.T) {
	const golden = "testdata/table.md"
	var got bytes.Buffer
	if err := WriteTable(&got, shipped(t), "md"); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the table changed; read it, then UPDATE=1:\n%s", diff)
	}
}

// JSON and CSV have every cell of the table, and the same ones at every run.
func TestTableAsData(t *testing.T) {
	e := shipped(t)
	total := 0
	e.Table(func(Cell) bool { total++; return true })
	var data, again, lines bytes.Buffer
	for w, format := range map[*bytes.Buffer]string{&data: "json", &lines: "csv"} {
		if err := WriteTable(w, e, format); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteTable(&again, shipped(t), "json"); err != nil || !bytes.Equal(data.Bytes(), again.Bytes()) {
		t.Errorf("a second engine writes another table: %v", err)
	}
	var cells []map[string]any
	if err := json.Unmarshal(data.Bytes(), &cells); err != nil || len(cells) != total {
		t.Fatalf("%d cells in JSON of %d: %v", len(cells), total, err)
	}
	for _, member := range []string{"kind", "role", "purpose", "situation", "field", "outcome", "ground", "rule", "missing"} {
		if cells[0][member] == nil {
			t.Errorf("the first cell has no %s", member)
		}
	}
	records, err := csv.NewReader(&lines).ReadAll()
	if err != nil || len(records) != total+1 {
		t.Errorf("%d lines of CSV for %d cells: %v", len(records), total, err)
	}
	if err := WriteTable(io.Discard, e, "xml"); !errors.Is(err, ErrFormatUnknown) {
		t.Errorf("xml: %v", err)
	}
	for _, format := range []string{"json", "csv", "md"} {
		if err := WriteTable(full{}, e, format); !errors.Is(err, errFull) {
			t.Errorf("%s to a full disk: %v", format, err)
		}
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
