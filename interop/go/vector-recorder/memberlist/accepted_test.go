//go:build go1.22

package memberlist

import (
	"reflect"
	"strconv"
	"strings"
)

func init() { recordings = append(recordings, recordAccepted) }

// Bodies to decode into, by the name that a recording gives them. A fresh one each time.
var bodies = map[string]func() any{
	"ping":             func() any { return &ping{} },
	"ack":              func() any { return &ackResp{} },
	"nack":             func() any { return &nackResp{} },
	"indirect-ping":    func() any { return &indirectPingReq{} },
	"suspect":          func() any { return &suspect{} },
	"dead":             func() any { return &dead{} },
	"error":            func() any { return &errResp{} },
	"alive":            func() any { return &alive{} },
	"push-pull-header": func() any { return &pushPullHeader{} },
	"user-header":      func() any { return &userMsgHeader{} },
	"compress":         func() any { return &compressed{} },
}

// Where the recording's name of a field is not the library's in lower case.
var renamed = map[string]string{
	"SourceAddr": "sourceAddress", "Addr": "address", "Vsn": "versions", "UserStateLen": "userStateLength",
	"UserMsgLen": "userMessageLength", "Algo": "algorithm", "Buf": "data",
}

// Numbers that JSON does not carry exactly are written as text.
const exact = 1 << 53

func fieldsOf(value any) map[string]any {
	fields, body := map[string]any{}, reflect.ValueOf(value).Elem()
	for i := range body.NumField() {
		key, field := body.Type().Field(i).Name, body.Field(i)
		if other, ok := renamed[key]; ok {
			key = other
		} else {
			key = strings.ToLower(key[:1]) + key[1:]
		}
		switch field.Kind() {
		case reflect.String:
			fields[key] = textForm(field.String())
		case reflect.Slice:
			fields[key] = bytesForm(field.Bytes())
		case reflect.Int:
			fields[key] = field.Int()
			if field.Int() > exact || field.Int() < -exact {
				fields[key] = strconv.FormatInt(field.Int(), 10)
			}
		default:
			fields[key] = field.Interface()
		}
	}
	return fields
}

// reads records what a body decodes to, or null.
func (r *recorder) reads(id, kind, body string) {
	value, out := bodies[kind](), any(nil)
	if decode(unhex(body), value) == nil {
		out = fieldsOf(value)
	}
	r.add(id, map[string]any{"codec": codecName}, map[string]any{"type": "decode", "message": kind, "body": body}, out, "")
}

type encoding struct{ name, hex string }

// One value of each form that MessagePack has, and of each width.
var encodings = []encoding{
	{"nil", "c0"}, {"false", "c2"}, {"true", "c3"}, {"reserved", "c1"},
	{"fixint 0", "00"}, {"fixint 1", "01"}, {"fixint 2", "02"}, {"fixint 127", "7f"}, {"fixint -1", "ff"}, {"fixint -32", "e0"},
	{"u8 0", "cc00"}, {"u8 1", "cc01"}, {"u8 255", "ccff"}, {"u16 1", "cd0001"}, {"u16 256", "cd0100"}, {"u16 65535", "cdffff"},
	{"u32 1", "ce00000001"}, {"u32 65536", "ce00010000"}, {"u32 4294967295", "ceffffffff"},
	{"u64 1", "cf0000000000000001"}, {"u64 2^32", "cf0000000100000000"}, {"u64 2^53-1", "cf001fffffffffffff"},
	{"u64 2^53+1", "cf0020000000000001"}, {"u64 2^63", "cf8000000000000000"}, {"u64 2^64-1", "cfffffffffffffffff"},
	{"i8 5", "d005"}, {"i8 -5", "d0fb"}, {"i16 1", "d10001"}, {"i16 300", "d1012c"}, {"i16 -300", "d1fed4"},
	{"i32 1", "d200000001"}, {"i32 70000", "d200011170"}, {"i32 -70000", "d2fffeee90"},
	{"i64 1", "d30000000000000001"}, {"i64 2^32", "d30000000100000000"}, {"i64 2^53+1", "d30020000000000001"},
	{"i64 -1", "d3ffffffffffffffff"}, {"i64 -2^63", "d38000000000000000"},
	{"float32", "ca3f800000"}, {"float64", "cb3ff0000000000000"},
	{"raw empty", "a0"}, {"raw", "a26162"}, {"raw that is not UTF-8", "a2fffe"}, {"raw of nil", "a1c0"},
	{"raw16", "da00026162"}, {"raw32", "db000000026162"}, {"str8", "d9026162"}, {"str8 empty", "d900"},
	{"bin8", "c4026162"}, {"bin8 empty", "c400"}, {"bin16", "c500026162"}, {"bin32", "c6000000026162"},
	{"array empty", "90"}, {"array of bytes", "920102"}, {"array of u8", "92cc80ccff"}, {"array of i16", "91d10005"},
	{"array with 300", "9201cd012c"}, {"array with -1", "91ff"}, {"array of text", "91a161"}, {"array of nil", "92c001"},
	{"array16", "dc00020102"}, {"array32", "dd000000020102"},
	{"map empty", "80"}, {"map", "810102"}, {"map of text", "81a16102"}, {"map16", "de00010102"}, {"map32", "df000000010102"},
	{"fixext1", "d40100"}, {"fixext2", "d5010000"}, {"fixext4", "d60100000000"}, {"fixext8", "d7010000000000000000"},
	{"fixext16", "d80100000000000000000000000000000000"}, {"ext8 empty", "c70001"}, {"ext8", "c70301010203"},
	{"ext16", "c8000301010203"}, {"ext32", "c90000000301010203"},
	{"time of 1", "d4ff00"}, {"time of 3", "c703ff000000"}, {"time of 4", "d6ff00000000"}, {"time of 8", "d7ff0000000000000000"},
	{"time of 12", "c70cff000000000000000000000000"},
	{"raw cut short", "a261"}, {"str8 cut short", "d9"}, {"bin16 cut short", "c50002"}, {"u32 cut short", "ce0000"},
	{"array cut short", "9201"}, {"map cut short", "8101"}, {"ext cut short", "d60100"},
}

func keyHex(key string) string { return hexOf(append([]byte{0xa0 | byte(len(key))}, key...)) }

// A15: each type of field, from each encoding.
func recordAccepted(r *recorder) {
	targets := []struct{ name, kind, key string }{
		{"string", "error", "Error"}, {"bytes", "ack", "Payload"}, {"uint8", "compress", "Algo"}, {"uint16", "ping", "SourcePort"},
		{"uint32", "nack", "SeqNo"}, {"int", "user-header", "UserMsgLen"}, {"bool", "push-pull-header", "Join"},
		{"versions", "alive", "Vsn"},
	}
	for _, target := range targets {
		for _, value := range encodings {
			r.reads("GV-A15/"+target.name+"/"+value.name, target.kind, "81"+keyHex(target.key)+value.hex)
		}
	}
	for _, value := range encodings {
		r.reads("GV-A15/struct/"+value.name, "nack", value.hex)
		r.reads("GV-A15/key/"+value.name, "nack", "82"+value.hex+"05"+keyHex("SeqNo")+"07")
	}
	for _, key := range []encoding{{"raw", "a55365714e6f"}, {"raw16", "da00055365714e6f"}, {"raw32", "db000000055365714e6f"},
		{"str8", "d9055365714e6f"}, {"bin8", "c4055365714e6f"}, {"bin16", "c500055365714e6f"}, {"bin32", "c6000000055365714e6f"},
		{"array", "955365714e6f"}, {"lower case", "a57365716e6f"}, {"longer", "a65365714e6f73"}} {
		r.reads("GV-A15/known key/"+key.name, "nack", "81"+key.hex+"07")
	}
	recordForms(r)
}

// A16: whole bodies in unusual forms.
func recordForms(r *recorder) {
	seqNo := keyHex("SeqNo")
	for _, value := range encodings {
		r.reads("GV-A16/unknown key/"+value.name, "nack", "82"+keyHex("Other")+value.hex+seqNo+"07")
	}
	for _, form := range []encoding{
		{"unknown keys only", "82" + keyHex("Other") + "01" + keyHex("More") + "a161"},
		{"nested containers", "82" + keyHex("Other") + "9281a16193c0c2c381a16290" + seqNo + "07"},
		{"duplicate key", "82" + seqNo + "05" + seqNo + "07"}, {"duplicate key, nil last", "82" + seqNo + "05" + seqNo + "c0"},
		{"map16", "de0001" + seqNo + "07"}, {"map32", "df00000001" + seqNo + "07"}, {"map16 empty", "de0000"},
		{"array form", "9107"}, {"array form, too long", "93070809"}, {"array16 form", "dc000107"}, {"array form, empty", "90"},
		{"nil top level", "c0"}, {"empty map", "80"}, {"nothing", ""}, {"two messages", "81" + seqNo + "0781" + seqNo + "08"},
		{"empty key", "82a005" + seqNo + "07"}, {"nil key", "82c005" + seqNo + "07"}, {"number key", "820105" + seqNo + "07"},
		{"trailing bytes", "81" + seqNo + "07ffc1"}, {"more entries than there are", "82" + seqNo + "07"},
		{"1022 arrays", "82" + keyHex("Other") + strings.Repeat("91", 1022) + "01" + seqNo + "07"},
		{"1023 arrays", "82" + keyHex("Other") + strings.Repeat("91", 1023) + "01" + seqNo + "07"},
		{"1022 arrays, the last one empty", "82" + keyHex("Other") + strings.Repeat("91", 1021) + "90" + seqNo + "07"},
		{"1023 arrays, the last one empty", "82" + keyHex("Other") + strings.Repeat("91", 1022) + "90" + seqNo + "07"},
	} {
		r.reads("GV-A16/"+form.name, "nack", form.hex)
	}
	r.reads("GV-A16/ping array form", "ping", "9501a1610a0b0c")
	r.reads("GV-A16/ping array form, short", "ping", "9201a16e")
	r.reads("GV-A16/duplicate text", "error", "82"+keyHex("Error")+"a161"+keyHex("Error")+"c0")
	r.reads("GV-A16/duplicate bytes", "ack", "82"+keyHex("Payload")+"a3616263"+keyHex("Payload")+"a164")
	r.reads("GV-A16/duplicate bytes, nil last", "ack", "82"+keyHex("Payload")+"a3616263"+keyHex("Payload")+"c0")
	whole, err := encodeBody(pingMsg, &ping{SeqNo: 42, Node: "node2", SourceAddr: addr1.bytes, SourcePort: 7946, SourceNode: "node1"})
	r.check(err)
	for size := range len(whole) - 1 {
		r.reads("GV-A16/truncation/"+strconv.Itoa(size), "ping", hexOf(whole[1:][:size]))
	}
}
