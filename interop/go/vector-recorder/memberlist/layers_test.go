package memberlist

import "strings"

func init() { recordings = append(recordings, recordLayers) }

func recordLayers(r *recorder) {
	recordCompression(r)
	recordCompounds(r)
	recordLabels(r)
}

// The compressed body alone ("lzw"), and a message in its compress wrapper ("compress").
func recordCompression(r *recorder) {
	wrap := func(plain []byte) []byte {
		buf, err := compressPayload(plain, false)
		if err != nil {
			r.t.Fatal(err)
		}
		return buf.Bytes()
	}
	lzw := func(id string, input blob) {
		var inner compress
		if err := decode(wrap(input.bytes)[1:], &inner); err != nil {
			r.t.Fatal(err)
		}
		r.add(id, nil, map[string]any{"type": "lzw", "input": input.form}, inner.Buf, "")
	}
	for _, text := range []string{"", "A", "AB", "AA", "AAA", "AAAAAAAA", "ABABABABA", "TOBEORNOTTOBEORTOBEORNOT",
		"memberlist memberlist memberlist"} {
		lzw("GV-B01", rawText(text))
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	lzw("GV-B02", raw(every))
	for _, size := range []int{254, 255, 256, 257, 511, 512, 513, 766, 767, 768, 1790, 1791, 1792, 3836, 3837, 3838, 3839, 3840,
		3841, 5000, 7676, 7677, 7678, 65536, 300000} {
		lzw("GV-B03", generated(size, 255))
	}
	for _, size := range []int{10, 100, 1000, 1400, 10_000, 1_000_000, 10_000_000} {
		lzw("GV-B04", filled(0, size))
	}
	for _, size := range []int{1000, 10_000, 100_000} {
		lzw("GV-B05", generated(size, 3))
		lzw("GV-B05", generated(size, 1))
	}

	for _, message := range wholeMessages(r) {
		out := wrap(message.bytes)
		used := "packets use it"
		if len(out) >= len(message.bytes) {
			used = "packets do not use it: it is not smaller"
		}
		r.add("GV-B08", nil, map[string]any{"type": "compress", "message": message.form}, out, used)
	}
}

// An ack, a ping with a suspicion, three alives, and 64 equal bytes of a user.
func wholeMessages(r *recorder) []blob {
	must := func(msgType messageType, value any) []byte {
		out, err := encodeBody(msgType, value)
		if err != nil {
			r.t.Fatal(err)
		}
		return out
	}
	hello := must(aliveMsg, &alive{Incarnation: 1, Node: "node1", Addr: addr1.bytes, Port: 7946, Vsn: versions.bytes})
	return []blob{
		raw(must(ackRespMsg, &ackResp{SeqNo: 42})),
		raw(makeCompoundMessage([][]byte{
			must(pingMsg, &ping{SeqNo: 42, Node: "node2", SourceAddr: addr1.bytes, SourcePort: 7946, SourceNode: "node1"}),
			must(suspectMsg, &suspect{Incarnation: 3, Node: "node2", From: "node1"}),
		}).Bytes()),
		raw(makeCompoundMessage([][]byte{hello, hello, hello}).Bytes()),
		raw([]byte("\x08" + strings.Repeat("a", 64))),
	}
}

func recordCompounds(r *recorder) {
	put := func(note string, parts ...blob) {
		forms, bodies := make([]any, 0, len(parts)), make([][]byte, 0, len(parts))
		for _, part := range parts {
			forms, bodies = append(forms, part.form), append(bodies, part.bytes)
		}
		r.add("GV-D01", nil, map[string]any{"type": "compound", "parts": forms}, makeCompoundMessage(bodies).Bytes(), note)
	}
	for _, size := range []int{0, 1, 255, 256, 65535} {
		put("", filled('p', size))
	}
	put("", filled('p', 0), filled('q', 255), filled('r', 256))
	for _, count := range []int{1, 2, 3, 254, 255} {
		parts := make([]blob, count)
		for i := range parts {
			parts[i] = raw([]byte{8, byte(i)})
		}
		put("", parts...)
	}
}

func recordLabels(r *recorder) {
	message := rawHex("0082a44e6f6465a162a55365714e6f01")
	for _, label := range []string{"", "p", "prod", "équipe-été", strings.Repeat("l", 254), strings.Repeat("l", 255), strings.Repeat("l", 256)} {
		in := map[string]any{"type": "label", "label": label, "message": message.form}
		out, err := AddLabelHeaderToPacket(message.bytes, label)
		if err != nil {
			r.add("GV-E01", map[string]any{"refused": true}, in, nil, err.Error())
			continue
		}
		rest, back, err := RemoveLabelHeaderFromPacket(out)
		if err != nil || back != label || hexOf(rest) != message.form {
			r.t.Fatalf("label %q does not survive a round trip", label)
		}
		r.add("GV-E01", nil, in, out, "")
	}
}
