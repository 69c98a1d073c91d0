// What every Go side has: it reads lines and answers each with one line. The package clause is made that of the library
// that this file is put into.
//
//	input NAME HEX               remembers bytes under a name
//	once OPERATION NAME          does it once, answers with the result in hex
//	time OPERATION NAME COUNT    does it so many times, answers with nanoseconds of CPU time each
package bench

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// The longest line holds the largest input in hex.
const maxLineBytes = 64 << 20

// What an operation does. Made once, kept for the whole run.
type task struct {
	work func() ([]byte, error)
	// What `once` answers with, where it is not what `work` returns.
	result func() []byte
	// Before the first work, and after every so many, `renew` makes anew what they work on, which is not timed. 0: never.
	every int
	renew func()
}

var inputs = map[string][]byte{}
var tasks = map[string]*task{}

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
		task, err := taskFor(operation, name)
		if err != nil {
			t.Fatal(err)
		}
		if what == "once" {
			bytes, err := task.once()
			if err != nil {
				t.Fatalf("%s %s: %v", operation, name, err)
			}
			fmt.Println(hex.EncodeToString(bytes))
			continue
		}
		spent, err := task.time(count)
		if err != nil {
			t.Fatalf("%s %s: %v", operation, name, err)
		}
		fmt.Println(float64(spent.Nanoseconds()) / float64(count))
	}
}

func taskFor(operation, name string) (*task, error) {
	key := operation + " " + name
	if tasks[key] == nil {
		made, err := prepare(operation, name)
		if err != nil {
			return nil, err
		}
		tasks[key] = made
	}
	return tasks[key], nil
}

func (t *task) once() ([]byte, error) {
	if t.every > 0 {
		t.renew()
	}
	bytes, err := t.work()
	if t.result != nil {
		bytes = t.result()
	}
	return bytes, err
}

func (t *task) time(count int) (time.Duration, error) {
	var spent time.Duration
	for done := 0; done < count; {
		turn := count - done
		if t.every > 0 {
			if turn > t.every {
				turn = t.every
			}
			t.renew()
			// What was made before is not collected at the expense of what is timed.
			runtime.GC()
		}
		started := cpuTime()
		for each := 0; each < turn; each++ {
			if _, err := t.work(); err != nil {
				return 0, err
			}
		}
		spent += cpuTime() - started
		done += turn
	}
	return spent, nil
}

// User and system time of the process.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
