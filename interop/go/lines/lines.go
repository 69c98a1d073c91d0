// Package lines is how a peer talks with the harness: one JSON object a line in, one JSON object a line out.
package lines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// MaxLineBytes bounds one line from the harness.
const MaxLineBytes = 64 << 20

// Voice writes lines to standard output, one at a time.
type Voice struct {
	mu  sync.Mutex
	out *json.Encoder
}

// NewVoice makes the one voice of a process.
func NewVoice() *Voice { return &Voice{out: json.NewEncoder(os.Stdout)} }

// Say writes one line. A harness that is gone ends the process.
func (v *Voice) Say(line map[string]any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.out.Encode(line); err != nil {
		os.Exit(1)
	}
}

// Write turns a library's log into events, so that a test can ask whether it complained.
func (v *Voice) Write(text []byte) (int, error) {
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		v.Say(map[string]any{"event": "log", "line": string(line)})
	}
	return len(text), nil
}

// Serve answers requests, each in its own goroutine, until standard input ends.
func Serve[R any](v *Voice, do func(R) (any, error)) {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, MaxLineBytes)
	for scanner.Scan() {
		var envelope struct {
			ID int `json:"id"`
		}
		var request R
		line := scanner.Bytes()
		if err := json.Unmarshal(line, &envelope); err != nil {
			Fail(err)
		}
		if err := json.Unmarshal(line, &request); err != nil {
			Fail(err)
		}
		go func() {
			result, err := do(request)
			reply := map[string]any{"id": envelope.ID, "result": result}
			if err != nil {
				reply["error"] = err.Error()
			}
			v.Say(reply)
		}()
	}
}

// Fail ends the process with an error.
func Fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
