// Package hold takes ports of this machine for what the account serves.
package hold

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Span is how many ports are tried one after the other.
const Span = 101

// Held is a port of 127.0.0.1 that is listened on.
type Held struct {
	net.Listener

	Number int
}

// Port takes a port; 0 is any that is free.
func Port(number int) (*Held, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(number))
	if err != nil {
		return nil, err
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return nil, errors.Join(fmt.Errorf("listening on %s", l.Addr()), l.Close())
	}
	return &Held{l, address.Port}, nil
}

// Again takes the port that was used last, 0 for none, or else what Free does.
func Again(last, first int) (*Held, error) {
	if last != 0 {
		if held, err := Port(last); err == nil {
			return held, nil
		}
	}
	return Free(first, nil)
}

// Free takes the first free port of Span from first on that is not promised to anybody, or any.
func Free(first int, promised map[int]bool) (*Held, error) {
	for number := first; number < first+Span; number++ {
		if promised[number] {
			continue
		}
		if held, err := Port(number); err == nil {
			return held, nil
		}
	}
	return Port(0)
}
