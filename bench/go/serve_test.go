// What every Go side has: it reads lines and answers each with one line. The package clause is made that of the library
// that this file is put into.
//
//	input NAME HEX               remembers bytes under a name
//	once OPERATION NAME          does it once, answers with the result in hex
//	time OPERATION NAME COUNT    does it so many times, answers with nanoseconds each
package bench

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"testing"
	"time"
)

// The longest line holds the largest input in hex.
const maxLineBytes = 64 << 20

var inputs = map[string][]byte{}

func TestServeBench(t *testing.T) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		var what, operation, name string
		var count int
		fmt.Sscan(lines.Text(), &what, &operation, &name, &count)
		if what == "input" {
			bytes, err := hex.DecodeString(name)
			if err != nil {
				t.Fatal(err)
			}
			inputs[operation] = bytes
			fmt.Println("remembered")
			continue
		}
		work, err := prepare(operation, name)
		if err != nil {
			t.Fatal(err)
		}
		if what == "once" {
			bytes, err := work()
			if err != nil {
				t.Fatalf("%s %s: %v", operation, name, err)
			}
			fmt.Println(hex.EncodeToString(bytes))
			continue
		}
		started := time.Now()
		for done := 0; done < count; done++ {
			if _, err := work(); err != nil {
				t.Fatalf("%s %s: %v", operation, name, err)
			}
		}
		fmt.Println(float64(time.Since(started).Nanoseconds()) / float64(count))
	}
}
