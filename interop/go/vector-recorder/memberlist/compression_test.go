//go:build go1.22

package memberlist

import (
	"strconv"
	"strings"
)

func init() { recordings = append(recordings, recordCompression) }

// The compressed body alone ("lzw"), and a message in its compress wrapper ("compress").
func recordCompression(r *recorder) {
	for _, text := range []string{"", "A", "AB", "AA", "AAA", "AAAAAAAA", "ABABABABA", "TOBEORNOTTOBEORTOBEORNOT",
		"memberlist memberlist memberlist"} {
		r.lzw("GV-B01", rawText(text))
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	r.lzw("GV-B02", raw(every))
	for _, size := range []int{254, 255, 256, 257, 511, 512, 513, 766, 767, 768, 1790, 1791, 1792, 3836, 3837, 3838, 3839, 3840,
		3841, 5000, 7676, 7677, 7678, 65536, 300000} {
		r.lzw("GV-B03", generated(size, 255))
	}
	for _, size := range []int{10, 100, 1000, 1400, 10_000, 1_000_000, 10_000_000} {
		r.lzw("GV-B04", filled(0, size))
	}
	for _, size := range []int{1000, 10_000, 100_000} {
		r.lzw("GV-B05", generated(size, 3))
		r.lzw("GV-B05", generated(size, 1))
	}
	recordExpansion(r)
	for _, message := range wholeMessages(r) {
		out, err := compressMessage(message.bytes)
		r.check(err)
		r.add("GV-B08", map[string]any{"packetsUseIt": len(out) < len(message.bytes)},
			map[string]any{"type": "compress", "message": message.form}, longOf(out), "")
	}
	recordLimits(r)
}

func (r *recorder) compressedBody(plain []byte) []byte {
	message, err := compressMessage(plain)
	r.check(err)
	var inner compressed
	r.check(decode(message[1:], &inner))
	return inner.Buf
}

func (r *recorder) lzw(id string, input blob) {
	r.add(id, nil, map[string]any{"type": "lzw", "input": input.form}, longOf(r.compressedBody(input.bytes)), "")
}

// codes packs LZW codes, given as code and width, least significant bit first.
func codes(pairs ...[2]int) []byte {
	var out []byte
	pending, count := 0, 0
	for _, pair := range pairs {
		pending |= pair[0] << count
		for count += pair[1]; count >= 8; count -= 8 {
			out = append(out, byte(pending))
			pending >>= 8
		}
	}
	if count > 0 {
		out = append(out, byte(pending))
	}
	return out
}

func nines(values ...int) []byte {
	pairs := make([][2]int, 0, len(values))
	for _, value := range values {
		pairs = append(pairs, [2]int{value, 9})
	}
	return codes(pairs...)
}

// frozen never clears: after code 4095 the dictionary stays as it is, and codes of 12 bits go on.
func frozen() []byte {
	pairs := [][2]int{{256, 9}}
	width, top, limit := 9, 257, 512
	data := func(code int) {
		pairs = append(pairs, [2]int{code, width})
		top++
		if top >= limit && width == 12 {
			top--
		} else if top >= limit {
			width, limit = width+1, limit*2
		}
	}
	for _, literal := range generated(3900, 255).bytes {
		data(int(literal))
	}
	for _, code := range []int{258, 300, 511, 4000, 4094, 4095, 65, 66} {
		data(code)
	}
	return codes(append(pairs, [2]int{257, width})...)
}

// B06 and B07: streams that Go's encoder does not write.
func recordExpansion(r *recorder) {
	expand := func(id string, body []byte) {
		out, err := decompressBuffer(&compressed{Buf: body})
		form := any(nil)
		if err == nil {
			form = longOf(out)
		}
		r.add(id, nil, map[string]any{"type": "lzw-expand", "bytes": hexOf(body)}, form, "")
	}
	whole := nines(256, 65, 258, 259, 258, 257)
	expand("GV-B06/no clear", nines(65, 66, 257))
	expand("GV-B06/two clears", nines(256, 256, 65, 257))
	expand("GV-B06/clear midway", nines(256, 65, 258, 256, 66, 258, 257))
	expand("GV-B06/clear at the end", nines(256, 65, 256, 257))
	expand("GV-B06/frozen dictionary", frozen())
	expand("GV-B06/bytes after the end", append(nines(256, 65, 66, 257), 0xff, 0xff, 0x00))
	expand("GV-B06/nothing inside", nines(256, 257))
	expand("GV-B06/end only", nines(257))
	expand("GV-B07/empty", nil)
	expand("GV-B07/one byte", []byte{0})
	expand("GV-B07/no end", nines(256, 65))
	expand("GV-B07/code beyond the dictionary", nines(256, 65, 300, 257))
	expand("GV-B07/code beyond the dictionary by one", nines(256, 65, 259, 257))
	expand("GV-B07/no literal first", nines(256, 258, 257))
	expand("GV-B07/no literal after a clear", nines(256, 65, 258, 256, 258, 257))
	for size := range len(whole) {
		expand("GV-B07/truncation", whole[:size])
	}
}

// B09: how much a message may expand to. Versions without a bound take all of these.
func recordLimits(r *recorder) {
	for _, size := range []int{22_020_096, 22_020_097, 41_943_040, 41_943_041} {
		input := filled(0, size)
		body := r.compressedBody(input.bytes)
		_, err := decompressBuffer(&compressed{Buf: body})
		r.add("GV-B09/"+strconv.Itoa(size)+" bytes", nil, map[string]any{"type": "limit", "input": input.form}, map[string]any{"compressed": longOf(body), "accepted": err == nil}, "")
	}
}

// An ack, a ping with a suspicion, three alives, and 64 equal bytes of a user.
func wholeMessages(r *recorder) []blob {
	must := func(msgType messageType, value any) []byte {
		out, err := encodeBody(msgType, value)
		r.check(err)
		return out
	}
	hello := must(aliveMsg, &alive{Incarnation: 1, Node: "node1", Addr: addr1.bytes, Port: 7946, Vsn: versions.bytes})
	return []blob{
		raw(must(ackRespMsg, &ackResp{SeqNo: 42})),
		raw(joined([][]byte{
			must(pingMsg, &ping{SeqNo: 42, Node: "node2", SourceAddr: addr1.bytes, SourcePort: 7946, SourceNode: "node1"}),
			must(suspectMsg, &suspect{Incarnation: 3, Node: "node2", From: "node1"}),
		})),
		raw(joined([][]byte{hello, hello, hello})),
		raw([]byte("\x08" + strings.Repeat("a", 64))),
	}
}
