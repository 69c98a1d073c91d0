// Placed into a temporary copy of the library's own package, since what encodes a message is not exported. Reads
// "golden", or "encode NAME COUNT" and "decode NAME COUNT", a line each; answers with JSON, or with nanoseconds each.
package memberlist

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"
)

type benchCase struct {
	kind messageType
	in   any
	out  func() any
}

func benchCases() map[string]benchCase {
	const name, other = "member-27-bytes-long-name-1", "member-27-bytes-long-name-2"
	addr := []byte{10, 0, 0, 1}
	aliveWith := func(metaBytes int) benchCase {
		var meta []byte
		for range metaBytes {
			meta = append(meta, 'm')
		}
		vsn := []uint8{ProtocolVersionMin, ProtocolVersionMax, 2, 0, 0, 0}
		in := &alive{Incarnation: 217_000_000, Node: name, Addr: addr, Port: 7946, Meta: meta, Vsn: vsn}
		return benchCase{aliveMsg, in, func() any { return new(alive) }}
	}
	return map[string]benchCase{
		"ping": {pingMsg, &ping{SeqNo: 70_000, Node: name, SourceAddr: addr, SourcePort: 7946, SourceNode: other},
			func() any { return new(ping) }},
		"indirect-ping": {indirectPingMsg, &indirectPingReq{SeqNo: 70_000, Target: addr, Port: 7946, Node: name,
			Nack: true, SourceAddr: addr, SourcePort: 7946, SourceNode: other},
			func() any { return new(indirectPingReq) }},
		"ack":       {ackRespMsg, &ackResp{SeqNo: 70_000}, func() any { return new(ackResp) }},
		"nack":      {nackRespMsg, &nackResp{SeqNo: 70_000}, func() any { return new(nackResp) }},
		"suspect":   {suspectMsg, &suspect{Incarnation: 217_000_000, Node: name, From: other}, func() any { return new(suspect) }},
		"dead":      {deadMsg, &dead{Incarnation: 217_000_000, Node: name, From: other}, func() any { return new(dead) }},
		"alive-0":   aliveWith(0),
		"alive-64":  aliveWith(64),
		"alive-512": aliveWith(512),
	}
}

func TestServeBench(t *testing.T) {
	cases := benchCases()
	encoded := map[string][]byte{}
	golden := map[string]string{}
	for name, each := range cases {
		buf, err := encode(each.kind, each.in, false)
		if err != nil {
			t.Fatal(err)
		}
		encoded[name], golden[name] = buf.Bytes(), hex.EncodeToString(buf.Bytes())
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var what, name string
		var count int
		fmt.Sscan(lines.Text(), &what, &name, &count)
		if what == "golden" {
			text, _ := json.Marshal(golden)
			fmt.Println(string(text))
			continue
		}
		each, bytes := cases[name], encoded[name]
		started := time.Now()
		for range count {
			var err error
			if what == "encode" {
				_, err = encode(each.kind, each.in, false)
			} else {
				err = decode(bytes[1:], each.out())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		fmt.Println(float64(time.Since(started).Nanoseconds()) / float64(count))
	}
}
