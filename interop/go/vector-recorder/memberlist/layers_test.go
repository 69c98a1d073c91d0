//go:build go1.22

package memberlist

import (
	"hash/crc32"
	"net"
	"strings"
)

func init() { recordings = append(recordings, recordLayers) }

func recordLayers(r *recorder) {
	recordChecksums(r)
	recordCompounds(r)
	recordSplits(r)
	recordLabels(r)
}

// C01. Whether a message is wrapped depends on its recipient; whether it is taken depends on every bit of it.
func recordChecksums(r *recorder) {
	for _, compression := range []bool{false, true} {
		for _, recipientMax := range []uint8{2, 5} {
			for _, message := range append(wholeMessages(r), rawHex("0868656c6c6f"), rawText("123456789"), empty()) {
				s := setup{compression: compression, recipientMax: recipientMax}
				m, network := r.member(s)
				to := &Node{Name: "node2", Addr: net.IP(unhex("0a000002")), Port: 7946, PMax: recipientMax}
				r.check(m.rawSendMsgPacket(to.FullAddress(), to, message.bytes))
				r.add("GV-C01", s.form(), map[string]any{"type": "message", "message": message.form}, hexOf(r.sent(network).bytes), "")
				r.check(m.Shutdown())
			}
		}
	}
	message := rawHex("0081a55365714e6f07").bytes
	sum := crc32.ChecksumIEEE(message)
	wrapped := append([]byte{byte(hasCrcMsg), byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}, message...)
	for bit := -1; bit < 8*len(wrapped); bit++ {
		flipped, id := append([]byte{}, wrapped...), "GV-C01/whole"
		if bit >= 0 {
			flipped[bit/8] ^= 1 << (bit % 8)
			id = "GV-C01/flipped bit"
		}
		m, network := r.member(setup{})
		m.ingestPacket(append([]byte{}, flipped...), source, epoch)
		var out any
		if answer := network.last(); answer != nil {
			out = hexOf(answer)
		}
		r.add(id, nil, map[string]any{"type": "answer", "bytes": hexOf(flipped)}, out, "")
		r.check(m.Shutdown())
	}
}

// D01, and D03: all prefixes of one.
func recordCompounds(r *recorder) {
	put := func(note string, parts ...blob) {
		forms, bodies := make([]any, 0, len(parts)), make([][]byte, 0, len(parts))
		for _, part := range parts {
			forms, bodies = append(forms, part.form), append(bodies, part.bytes)
		}
		r.add("GV-D01", nil, map[string]any{"type": "compound", "parts": forms}, longOf(joined(bodies)), note)
	}
	for _, size := range []int{0, 1, 255, 256, 65535} {
		put("", filled(8, size))
		put("", filled(8, size), rawText("\x08abc"))
	}
	for _, count := range []int{1, 2, 3, 254, 255} {
		parts := make([]blob, count)
		for i := range parts {
			parts[i] = raw([]byte{8, byte(i)})
		}
		put("", parts...)
	}
	three := joined([][]byte{[]byte("\x08a"), []byte("\x08bc"), []byte("\x08def")})
	for size := 1; size <= len(three); size++ {
		r.split("GV-D03", three[:size])
	}
	r.split("GV-D03", append(three, 0xff))
	r.split("GV-D03", []byte{byte(compoundMsg), 0})
	r.split("GV-D03", []byte{byte(compoundMsg), 0, 8, 8})
}

// split records what a compound is taken apart into.
func (r *recorder) split(id string, compound []byte) {
	truncated, parts, err := decodeCompoundMessage(compound[1:])
	out := any(nil)
	if err == nil {
		forms := make([]string, 0, len(parts))
		for _, part := range parts {
			forms = append(forms, hexOf(part))
		}
		out = map[string]any{"parts": forms, "truncated": truncated}
	}
	r.add(id, nil, map[string]any{"type": "split", "bytes": longOf(compound)}, out, "")
}

// D02: more than a compound holds. Each message is what rule number i makes: type byte 8 and the number in two bytes.
func recordSplits(r *recorder) {
	many := func(count int) [][]byte {
		parts := make([][]byte, count)
		for i := range parts {
			parts[i] = []byte{8, byte(i >> 8), byte(i)}
		}
		return parts
	}
	put := func(id string, in map[string]any, packets [][]byte) {
		forms := make([]any, 0, len(packets))
		for _, packet := range packets {
			forms = append(forms, longOf(packet))
		}
		r.add(id, nil, in, map[string]any{"packets": forms}, "")
	}
	for _, count := range []int{254, 255, 256, 300, 511} {
		put("GV-D02/gossip", map[string]any{"type": "many", "count": count}, joinedInto(many(count)))
	}
	for _, count := range []int{254, 255, 299} {
		m, network := r.member(setup{})
		m.config.UDPBufferSize = 10_000
		for _, part := range many(count) {
			m.broadcasts.QueueBroadcast(lasting(part))
		}
		r.check(m.sendMsg(Address{Addr: "10.0.0.2:7946", Name: "node2"}, rawHex("0282a75061796c6f6164c0a55365714e6f07").bytes))
		put("GV-D02/piggyback", map[string]any{"type": "piggyback", "count": count}, network.all())
		for _, packet := range network.all() {
			r.split("GV-D02/piggyback split", packet)
		}
		r.check(m.Shutdown())
	}
	large := [][]byte{filled(8, 3).bytes, filled(8, 65536).bytes, filled(8, 4).bytes}
	put("GV-D02/large", map[string]any{"type": "large", "sizes": []int{3, 65536, 4}}, joinedInto(large))
}

func recordLabels(r *recorder) {
	message := rawHex("0082a44e6f6465a162a55365714e6f01")
	for _, label := range []string{"", "p", "prod", "équipe-été", strings.Repeat("l", 254), strings.Repeat("l", 255), strings.Repeat("l", 256)} {
		in := map[string]any{"type": "label", "label": label, "message": message.form}
		out, err := AddLabelHeaderToPacket(message.bytes, label)
		if err != nil {
			r.add("GV-E01", nil, in, nil, "refused")
			continue
		}
		rest, back, err := RemoveLabelHeaderFromPacket(out)
		if err != nil || back != label || hexOf(rest) != message.form {
			r.t.Fatalf("label %q does not survive a round trip", label)
		}
		r.add("GV-E01", nil, in, hexOf(out), "")
	}
	for _, packet := range []string{"f4", "f400", "f40061", "f405", "f40561", "f4056162636465", "f40561626364650868", "f40161f4016208",
		"f4ff61", "00f40161", "f50161", "08"} {
		rest, label, err := RemoveLabelHeaderFromPacket(unhex(packet))
		out := any(nil)
		if err == nil {
			out = map[string]any{"label": hexOf([]byte(label)), "rest": hexOf(rest)}
		}
		r.add("GV-E02", nil, map[string]any{"type": "unlabel", "bytes": packet}, out, "")
	}
}
