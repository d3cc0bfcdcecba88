package main

import "bytes"

// wire is what a gateway is connected with.
type wire int

const (
	front wire = iota // from the load balancer to the gateway
	one               // and from the gateway to the others: two servers of PostgreSQL
	other
	calls
	provider
	wires // how many there are
)

// books are the wires to the database, whichever server has it.
func books() []wire { return []wire{one, other} }

// point is a named moment in the life of a turn or a message, known by what goes over a wire: there is no word of it
// in Piga. With an answer it is the moment at which that has come; else the moment at which the question was sent and
// has not arrived.
type point struct {
	name     string
	wires    []wire
	question func([]byte) bool
	answer   func([]byte) bool
}

// points are those at which gateways are killed.
func points() []point {
	commit := contains("Q\x00\x00\x00\x0bCOMMIT\x00")
	return []point{
		{"after the claim", []wire{calls}, contains("*7\r\n$7\r\nevalsha\r\n"), anything},
		{"before the commit", books(), commit, nil},
		{"after the commit", books(), commit, contains("COMMIT\x00")},
		{"before the answer", []wire{front}, contains("/ussd HTTP/1.1\r\n"), anything},
		{"SMS sent, not marked", []wire{provider}, contains("POST /version1/messaging "), anything},
	}
}

func contains(words string) func([]byte) bool {
	return func(b []byte) bool { return bytes.Contains(b, []byte(words)) }
}

func anything([]byte) bool { return true }
