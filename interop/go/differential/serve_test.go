// A real member on virtual time. These files are compiled inside the library's own package, since what they need is not
// exported: a member whose loops do not run, one gossip round, what it believes of each name.
//
// The harness writes one JSON object a line and gets one JSON object a line back. Each member lives in a bubble of its
// own, from "create" to "close": its clock moves only where a command says so, and an answer is given only when all of
// the member's goroutines wait for something.
package memberlist

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"testing"
	"testing/synctest"
)

// The longest line of the harness is one push/pull.
const diffMaxLineBytes = 16 << 20

type diffLines struct {
	in  *bufio.Scanner
	out *json.Encoder
}

func TestServeDifferential(t *testing.T) {
	lines := diffLines{in: bufio.NewScanner(os.Stdin), out: json.NewEncoder(os.Stdout)}
	lines.in.Buffer(nil, diffMaxLineBytes)
	for lines.in.Scan() {
		settings := diffSettings{}
		if err := json.Unmarshal(lines.in.Bytes(), &settings); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			if err := lines.serve(settings); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// serve answers commands for one member until it is closed.
func (l diffLines) serve(settings diffSettings) error {
	d, err := diffStart(settings)
	if err != nil {
		return err
	}
	defer d.stop()
	if err := l.out.Encode(d.told()); err != nil {
		return err
	}
	for l.in.Scan() {
		c := diffCommand{}
		if err := json.Unmarshal(l.in.Bytes(), &c); err != nil {
			return err
		}
		if c.Command == "close" {
			return l.out.Encode(struct{}{})
		}
		if err := d.do(c); err != nil {
			return err
		}
		synctest.Wait()
		if err := l.out.Encode(d.told()); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}
