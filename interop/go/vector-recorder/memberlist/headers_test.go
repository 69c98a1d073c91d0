//go:build go1.21

package memberlist

import (
	"bytes"
	"reflect"
)

func init() { recordings = append(recordings, recordHeaders) }

// body encodes with the library, decodes the result with the library and insists on getting the value back.
func (r *recorder) body(id string, msgType messageType, value any, in map[string]any, note string) []byte {
	out, err := encodeBody(msgType, value)
	if err != nil {
		r.t.Fatalf("%s: %v", id, err)
	}
	back := reflect.New(reflect.TypeOf(value).Elem())
	if err := decode(out[1:], back.Interface()); err != nil {
		r.t.Fatalf("%s: %v", id, err)
	}
	again, err := encodeBody(msgType, back.Interface())
	if err != nil || !bytes.Equal(out, again) {
		r.t.Fatalf("%s: does not survive a round trip: %x, then %x (%v)", id, out, again, err)
	}
	r.add(id, map[string]any{"codec": codecName}, in, out, note)
	return out
}

// A12 and A14: the only bodies in which the two generations of the codec differ.
func recordHeaders(r *recorder) {
	sizes := []int{0, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 70000, 20971520}
	header := func(nodes, state int, join bool) {
		r.body("GV-A12", pushPullMsg, &pushPullHeader{Nodes: nodes, UserStateLen: state, Join: join},
			map[string]any{"type": "push-pull-header", "nodes": nodes, "userStateLength": state, "join": join}, "")
	}
	for _, size := range sizes {
		header(size, 0, true)
		header(0, size, false)
	}
	header(2, 5, true)
	header(128, 200, false)
	header(70000, 20971520, false)
	for _, size := range append(sizes, 3, 300) {
		r.body("GV-A14", userMsg, &userMsgHeader{UserMsgLen: size},
			map[string]any{"type": "user-header", "userMessageLength": size}, "")
	}
}
