//go:build go1.22

package memberlist

import (
	"bytes"
	"reflect"
)

func init() { recordings = append(recordings, recordHeaders) }

// body encodes with the library and decodes the result with the library. Where it does not get the same value back, the
// setting "back" says what it got, encoded again: the older codec reads an empty byte string as nil.
func (r *recorder) body(id string, msgType messageType, value any, in map[string]any, note string) []byte {
	out, err := encodeBody(msgType, value)
	r.check(err)
	back := reflect.New(reflect.TypeOf(value).Elem())
	r.check(decode(out[1:], back.Interface()))
	again, err := encodeBody(msgType, back.Interface())
	r.check(err)
	settings := map[string]any{"codec": codecName}
	if !bytes.Equal(out, again) {
		settings["back"] = longOf(again)
	}
	r.add(id, settings, in, longOf(out), note)
	return out
}

// A12 and A14: the only bodies that the two generations of the codec write differently.
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
