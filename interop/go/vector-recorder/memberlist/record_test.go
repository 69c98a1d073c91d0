// Placed into a temporary copy of the library's own package, so that it can call what the library does not export.
// What differs between versions of the library is in ../shims.
//go:build go1.22

package memberlist

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// vector is one line of the recording. Out is bytes (hex, or a digest of long ones), what was decoded, a transcript of
// both directions, or null where the library refuses.
type vector struct {
	ID       string         `json:"id"`
	Lib      string         `json:"lib"`
	Settings map[string]any `json:"settings"`
	In       map[string]any `json:"in"`
	Out      any            `json:"out"`
	Note     string         `json:"note,omitempty"`
}

// The file that a vector goes to, by the letter of its group in wire spec 8.
var files = map[byte]string{
	'A': "messages", 'B': "layers", 'C': "layers", 'D': "layers", 'E': "layers", 'F': "encryption", 'G': "packets", 'H': "streams",
}

type recorder struct {
	t   *testing.T
	lib string
	out map[string]*bytes.Buffer
}

// add writes a line. Bytes that came out are given as hexOf or longOf.
func (r *recorder) add(id string, settings, in map[string]any, out any, note string) {
	if settings == nil {
		settings = map[string]any{}
	}
	file := files[id[len("GV-")]]
	if r.out[file] == nil {
		r.out[file] = &bytes.Buffer{}
	}
	lines := json.NewEncoder(r.out[file])
	lines.SetEscapeHTML(false)
	r.check(lines.Encode(vector{id, r.lib, settings, in, out, note}))
}

func (r *recorder) check(err error) {
	if err != nil {
		r.t.Helper()
		r.t.Fatal(err)
	}
}

// Every file of the recorder adds its part here.
var recordings []func(*recorder)

func TestRecordVectors(t *testing.T) {
	r := &recorder{t: t, lib: os.Getenv("HEARSAY_LIBRARY"), out: map[string]*bytes.Buffer{}}
	for _, record := range recordings {
		record(r)
	}
	for file, lines := range r.out {
		r.check(os.WriteFile(filepath.Join(os.Getenv("HEARSAY_VECTORS"), file+".jsonl"), lines.Bytes(), 0o644))
	}
}
