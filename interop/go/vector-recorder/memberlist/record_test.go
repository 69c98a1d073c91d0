// Placed into a temporary copy of the library's own package, so that it can call what the library does not export.
//go:build go1.21

package memberlist

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// vector is one line of the recording.
type vector struct {
	ID        string         `json:"id"`
	Lib       string         `json:"lib"`
	Settings  map[string]any `json:"settings"`
	In        map[string]any `json:"in"`
	Out       *string        `json:"out,omitempty"`
	OutDigest *digest        `json:"outDigest,omitempty"`
	Note      string         `json:"note,omitempty"`
}

// Longer outputs are recorded by size and checksums.
const longestHex = 4096

type recorder struct {
	t     *testing.T
	lib   string
	out   bytes.Buffer
	lines *json.Encoder
}

func (r *recorder) add(id string, settings, in map[string]any, out []byte, note string) {
	if settings == nil {
		settings = map[string]any{}
	}
	v := vector{ID: id, Lib: r.lib, Settings: settings, In: in, Note: note}
	if len(out) > longestHex {
		v.OutDigest = digestOf(out)
	} else {
		text := hexOf(out)
		v.Out = &text
	}
	if err := r.lines.Encode(v); err != nil {
		r.t.Fatal(err)
	}
}

// Every file of the recorder that this version of the library is recorded with adds its part here.
var recordings []func(*recorder)

func TestRecordVectors(t *testing.T) {
	r := &recorder{t: t, lib: os.Getenv("HEARSAY_LIBRARY")}
	r.lines = json.NewEncoder(&r.out)
	r.lines.SetEscapeHTML(false)
	for _, record := range recordings {
		record(r)
	}
	if err := os.WriteFile(os.Getenv("HEARSAY_VECTORS"), r.out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
