package store

import (
	"context"
	"testing"
	"time"
)

// A statement that was prepared twice is closed when its connection is free again. Until then nobody may be
// kept from the others: whoever has the connection may need one of them to go on.
func TestClosingWaitsForNobodyElse(t *testing.T) {
	t.Parallel()
	s := open(t)
	const query = `SELECT 1`
	if err := s.prepare(t.Context(), query); err != nil {
		t.Fatal(err)
	}
	s.db.SetMaxOpenConns(1)
	twice, err := s.db.Preparex(query)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.db.Connx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held, free, closed, got := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		_ = conn.Raw(func(any) error { // as a statement that waits for a lock
			close(held)
			<-free
			return nil
		})
	}()
	<-held
	go func() {
		s.plans.put(query, twice)
		close(closed)
	}()
	go func() {
		defer close(got)
		for range 100 { // so that some come when it is being closed
			s.plans.get(query)
			<-time.After(time.Millisecond)
		}
	}()
	within, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-got:
	case <-within.Done():
		t.Error("whoever needs a statement waits for one that is being closed")
	}
	close(free)
	<-closed
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}
