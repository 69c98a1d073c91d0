//go:build go1.22

package memberlist

import (
	"math"
	"net"
)

func init() { recordings = append(recordings, recordMessages) }

var (
	addr1    = rawHex("0a000001")
	mapped   = raw([]byte(net.ParseIP("10.0.0.1").To16()))
	v6       = raw([]byte(net.ParseIP("2001:db8::1")))
	versions = rawHex("010502000000")
	numbers  = []uint32{0, 1, 127, 128, 255, 256, 65535, 65536, math.MaxUint32}
	ports    = []uint16{0, 1, 127, 128, 255, 256, 65535}
)

func recordMessages(r *recorder) {
	recordPings(r)
	recordAnswers(r)
	recordAccusations(r)
	recordAlives(r)
	recordNodeStates(r)
}

func recordPings(r *recorder) {
	put := func(id string, seqNo uint32, node textBlob, addr blob, port uint16, source textBlob, note string) {
		r.body(id, pingMsg,
			&ping{SeqNo: seqNo, Node: node.text, SourceAddr: addr.bytes, SourcePort: port, SourceNode: source.text},
			map[string]any{"type": "ping", "seqNo": seqNo, "node": node.form, "sourceAddress": addr.form,
				"sourcePort": port, "sourceNode": source.form}, note)
	}
	put("GV-A01", 42, name("node2"), addr1, 7946, name("node1"), "")
	put("GV-A02", 1, name("b"), none(), 0, name(""), "no source")
	put("GV-A03", 1, name(""), none(), 0, name(""), "whoever you are")
	put("GV-A03", 1, name("b"), empty(), 0, name(""), "an empty address is left out, so it decodes as none")
	for _, seqNo := range append(numbers, 200, 300, 70000) {
		put("GV-A04", seqNo, name("b"), none(), 0, name(""), "")
	}
	put("GV-A05", 42, name("node2"), mapped, 7946, name("node1"), "IPv4 in 16 bytes")
	put("GV-A05", 42, name("node2"), v6, 7946, name("node1"), "")
	put("GV-A05", 42, name("node2"), rawHex("c0a8010a"), 7946, name("node1"), "an address that is not valid UTF-8")
	for _, port := range ports {
		put("GV-A05", 42, name("node2"), addr1, port, name("node1"), "")
	}

	indirect := func(nack bool, target blob, port uint16, addr blob, sourcePort uint16, source textBlob, note string) {
		r.body("GV-A06", indirectPingMsg,
			&indirectPingReq{SeqNo: 100, Target: target.bytes, Port: port, Node: "node2", Nack: nack,
				SourceAddr: addr.bytes, SourcePort: sourcePort, SourceNode: source.text},
			map[string]any{"type": "indirect-ping", "seqNo": 100, "target": target.form, "port": port, "node": "node2",
				"nack": nack, "sourceAddress": addr.form, "sourcePort": sourcePort, "sourceNode": source.form}, note)
	}
	addr2 := rawHex("0a000002")
	indirect(true, addr2, 7946, addr1, 7946, name("node1"), "")
	indirect(false, addr2, 7946, addr1, 7946, name("node1"), "")
	indirect(true, none(), 7946, addr1, 7946, name("node1"), "")
	indirect(true, addr2, 0, addr1, 7946, name("node1"), "")
	indirect(true, addr2, 7946, none(), 0, name(""), "no source")
}

func recordAnswers(r *recorder) {
	ack := func(payload blob) {
		r.body("GV-A07", ackRespMsg, &ackResp{SeqNo: 42, Payload: payload.bytes},
			map[string]any{"type": "ack", "seqNo": 42, "payload": payload.form}, "")
	}
	ack(none())
	ack(empty())
	ack(rawHex("010203"))
	for _, size := range []int{1, 31, 32, 255, 256, 70000} {
		ack(filled(0xc0, size))
	}
	for _, seqNo := range append(numbers, 100) {
		r.body("GV-A08", nackRespMsg, &nackResp{SeqNo: seqNo}, map[string]any{"type": "nack", "seqNo": seqNo}, "")
	}
	fail := func(text textBlob) {
		r.body("GV-A08", errMsg, &errResp{Error: text.text}, map[string]any{"type": "error", "error": text.form}, "")
	}
	fail(name("boom"))
	for _, size := range []int{0, 31, 32, 300} {
		fail(nameOf(filled('e', size)))
	}
}

func recordAccusations(r *recorder) {
	both := func(incarnation uint32, node, from textBlob, note string) {
		in := func(kind string) map[string]any {
			return map[string]any{"type": kind, "incarnation": incarnation, "node": node.form, "from": from.form}
		}
		r.body("GV-A09", suspectMsg, &suspect{Incarnation: incarnation, Node: node.text, From: from.text}, in("suspect"), note)
		r.body("GV-A09", deadMsg, &dead{Incarnation: incarnation, Node: node.text, From: from.text}, in("dead"), note)
	}
	both(3, name("node2"), name("node1"), "")
	r.body("GV-A09", deadMsg, &dead{Incarnation: 3, Node: "node2", From: "node2"},
		map[string]any{"type": "dead", "incarnation": 3, "node": "node2", "from": "node2"}, "a leave")
	for _, size := range []int{0, 31, 32, 255, 256, 65536} {
		both(0, nameOf(filled('a', size)), name("x"), "")
	}
	for _, incarnation := range numbers {
		both(incarnation, name("n"), name("x"), "")
	}
	both(1, name("nœud-日本"), name("x"), "")
	both(1, nameHex("ff00fe80"), name("x"), "a name that is not UTF-8")
}

func recordAlives(r *recorder) {
	put := func(id string, incarnation uint32, node textBlob, addr blob, port uint16, meta, vsn blob, note string) {
		r.body(id, aliveMsg,
			&alive{Incarnation: incarnation, Node: node.text, Addr: addr.bytes, Port: port, Meta: meta.bytes, Vsn: vsn.bytes},
			map[string]any{"type": "alive", "incarnation": incarnation, "node": node.form, "address": addr.form,
				"port": port, "meta": meta.form, "versions": vsn.form}, note)
	}
	put("GV-A10", 1, name("node1"), addr1, 7946, none(), versions, "")
	put("GV-A10", 7, name("node3"), rawHex("c0a8010a"), 7946, rawText("v1"), versions, "an address that is not valid UTF-8")
	put("GV-A10", 1, name("node1"), mapped, 7946, none(), versions, "IPv4 in 16 bytes")
	put("GV-A10", 1, name("n6"), v6, 7946, none(), versions, "")
	put("GV-A10", 1, name("node1"), none(), 7946, none(), versions, "no address")
	put("GV-A10", 300, name("n"), addr1, 80, filled(0xee, 40), versions, "")
	put("GV-A10", 1, name("node1"), addr1, 7946, empty(), versions, "empty metadata is not nil metadata")
	for _, size := range []int{1, 31, 32, 255, 256, 512} {
		put("GV-A10", 1, name("node1"), addr1, 7946, filled(0xee, size), versions, "")
	}
	for _, incarnation := range numbers {
		put("GV-A10", incarnation, name("node1"), addr1, 7946, none(), versions, "")
	}
	for _, port := range ports {
		put("GV-A10", 1, name("node1"), addr1, port, none(), versions, "")
	}
	put("GV-A11", 1, name("node1"), addr1, 7946, none(), none(), "no versions: a peer that sends this breaks push/pull")
	put("GV-A11", 1, name("node1"), addr1, 7946, none(), empty(), "empty versions")
	put("GV-A11", 1, name("node1"), addr1, 7946, none(), rawHex("01058080ffc0"), "versions above 127")
}

// A node state has no type byte of its own: it follows the push/pull header directly.
func recordNodeStates(r *recorder) {
	for _, state := range []int{0, 1, 2, 3, 4, -1} {
		value := &pushNodeState{Name: "node2", Addr: unhex("0a000002"), Port: 7946, Meta: []byte("meta"), Incarnation: 9,
			State: NodeStateType(state), Vsn: versions.bytes}
		out, err := encodeBody(pushPullMsg, value)
		r.check(err)
		note := ""
		if state < 0 || state > 3 {
			note = "decode only: no such state"
		}
		r.add("GV-A13", map[string]any{"codec": codecName}, map[string]any{
			"type": "node-state", "name": "node2", "address": "0a000002", "port": 7946, "meta": hexOf([]byte("meta")),
			"incarnation": 9, "state": state, "versions": versions.form}, hexOf(out[1:]), note)
	}
}
