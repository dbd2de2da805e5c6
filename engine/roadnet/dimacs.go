package roadnet

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand"
)

// LineError is a fault in a text file of a graph.
type LineError struct {
	Line int
	What string
}

func (e *LineError) Error() string { return fmt.Sprintf("rad %d: %s", e.Line, e.What) }

// ReadDIMACS reads a graph in the form of the ninth DIMACS challenge (.gr): one
// line "p sp NODES ARCS", then "a FROM TO WEIGHT" for each directed arc, nodes
// from 1. Node 1 becomes node 0. The weights are used as they are. Errors are
// *LineError. Cost O(length of the file).
func ReadDIMACS(r io.Reader) (*Graph, error) {
	n, m := -1, 0
	var edges []Edge
	err := eachLine(r, func(line int, text []byte) error {
		switch text[0] {
		case 'c':
			return nil
		case 'p':
			var kind string
			if n >= 0 {
				return &LineError{line, "två rader som börjar på p"}
			}
			if _, err := fmt.Sscanf(string(text), "p %s %d %d", &kind, &n, &m); err != nil || n < 0 || m < 0 {
				return &LineError{line, "skriv \"p sp NODER BÅGAR\""}
			}
			if n > math.MaxInt32 || m > math.MaxInt32 {
				return &LineError{line, "grafen är för stor: högst 2 147 483 647 noder och bågar"}
			}
			edges = make([]Edge, 0, min(m, 1<<20)) // what the file promises is believed when it is there
			return nil
		case 'a':
			if n < 0 {
				return &LineError{line, "raden \"p sp NODER BÅGAR\" ska stå före bågarna"}
			}
			f, ok := wholeNumbers(text[1:], 3)
			switch {
			case !ok:
				return &LineError{line, "skriv \"a FRÅN TILL VIKT\" med hela tal"}
			case f[0] < 1 || f[0] > int64(n) || f[1] < 1 || f[1] > int64(n):
				return &LineError{line, fmt.Sprintf("noden finns inte: grafen har noderna 1 till %d", n)}
			case f[2] < 0 || f[2] > MaxWeight:
				return &LineError{line, fmt.Sprintf("vikten är %d; den ska vara 0 till %d", f[2], MaxWeight)}
			}
			edges = append(edges, Edge{uint32(f[0] - 1), uint32(f[1] - 1), uint32(max(f[2], 1))})
			return nil
		}
		return &LineError{line, "raden börjar varken på a, c eller p"}
	})
	switch {
	case err != nil:
		return nil, err
	case n < 0:
		return nil, &LineError{1, "raden \"p sp NODER BÅGAR\" saknas"}
	case len(edges) != m:
		return nil, &LineError{1, fmt.Sprintf("filen lovar %d bågar och har %d; den är kanske avklippt", m, len(edges))}
	}
	return FromEdges(n, edges), nil
}

// ReadPACE reads a topology without weights (.pace.gr): "p sp NODES EDGES" or
// "p tw NODES EDGES", then one line "U V" for each undirected edge. The weights
// are drawn in file order, floor(exp(0.9 g + 6)) + 1 with g normal from the
// generator seeded with 1, the same in both directions: numbers for tests.
func ReadPACE(r io.Reader) (*Graph, error) {
	n, m := -1, 0
	var edges []Edge
	draw := rand.New(rand.NewSource(1))
	err := eachLine(r, func(line int, text []byte) error {
		switch {
		case text[0] == 'c':
			return nil
		case text[0] == 'p':
			var kind string
			if _, err := fmt.Sscanf(string(text), "p %s %d %d", &kind, &n, &m); err != nil || n < 0 || n > math.MaxInt32 {
				return &LineError{line, "skriv \"p sp NODER KANTER\""}
			}
			return nil
		case n < 0:
			return &LineError{line, "raden \"p sp NODER KANTER\" ska stå före kanterna"}
		}
		f, ok := wholeNumbers(text, 2)
		if !ok || f[0] < 1 || f[0] > int64(n) || f[1] < 1 || f[1] > int64(n) {
			return &LineError{line, fmt.Sprintf("skriv två noder, 1 till %d", n)}
		}
		w := uint32(min(math.Exp(0.9*draw.NormFloat64()+6), MaxWeight-1)) + 1
		u, v := uint32(f[0]-1), uint32(f[1]-1)
		edges = append(edges, Edge{u, v, w}, Edge{v, u, w})
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case n < 0:
		return nil, &LineError{1, "raden \"p sp NODER KANTER\" saknas"}
	case len(edges) != 2*m:
		return nil, &LineError{1, fmt.Sprintf("filen lovar %d kanter och har %d; den är kanske avklippt", m, len(edges)/2)}
	}
	return FromEdges(n, edges), nil
}

// eachLine calls f for each line that is not empty, without its end.
func eachLine(r io.Reader, f func(line int, text []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<16), 1<<20)
	line := 0
	for s.Scan() {
		line++
		if text := bytes.TrimSpace(s.Bytes()); len(text) > 0 {
			if err := f(line, text); err != nil {
				return err
			}
		}
	}
	if err := s.Err(); err != nil {
		return &LineError{line + 1, "filen går inte att läsa längre: " + err.Error()}
	}
	return nil
}

// wholeNumbers reads exactly so many whole numbers, at most three, from a line.
func wholeNumbers(text []byte, want int) (out [3]int64, ok bool) {
	n, i := 0, 0
	for {
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		if i == len(text) {
			return out, n == want
		}
		if n == want {
			return out, false
		}
		sign, digits, v := int64(1), 0, int64(0)
		if text[i] == '-' {
			sign, i = -1, i+1
		}
		for ; i < len(text) && text[i] >= '0' && text[i] <= '9' && digits < 18; i++ {
			v, digits = v*10+int64(text[i]-'0'), digits+1
		}
		if digits == 0 || i < len(text) && text[i] != ' ' && text[i] != '\t' {
			return out, false
		}
		out[n], n = sign*v, n+1
	}
}
