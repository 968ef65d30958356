package file

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzFile reads random bytes as a file: it ends, and every line is accounted
// for.
func FuzzFile(f *testing.F) {
	f.Add([]byte("Order,Time,Card,SKU,Quantity,Price,State\n1,2026-03-01 10:00,7,\"a\n\",1,1.00,\n"), false)
	f.Add([]byte("{\"id\":\"1\",\"type\":\"purchase\",\"total\":\"1\"}\n\n{"), true)
	f.Add([]byte{0x1f, 0x8b, 8, 0}, false)
	f.Add([]byte("Order,Time,Card,SKU,Quantity,Price,State\r\nR1,2026-03-01 10:00,7,\xff,-1,0,test\r\n\"\"\"x"), false)
	m, p := parse(f, orders), compile(f, shop)
	f.Fuzz(func(t *testing.T, data []byte, own bool) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		mapping := m
		if own {
			mapping = nil
		}
		r, err := Open(mapping, Options{Program: p}, path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		rows := int64(0)
		for err == nil {
			var record *Record
			if record, err = r.Next(); err == nil {
				rows += int64(len(record.Rows))
			}
		}
		if c := r.Counts(); c.Lines != rows+c.RejectedLines+c.GuestLines+c.LeftOutLines {
			t.Errorf("of %d lines %d are in events: %+v", c.Lines, rows, c)
		}
	})
}

// FuzzMapping reads random bytes as a mapping: it is taken or refused with
// reasons.
func FuzzMapping(f *testing.F) {
	f.Add([]byte(orders))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := ParseMapping("mapping.yaml", src)
		if (m == nil) == (err == nil) || err != nil && err.Error() == "" {
			t.Errorf("the mapping is %v, and the error %v", m, err)
		}
	})
}
