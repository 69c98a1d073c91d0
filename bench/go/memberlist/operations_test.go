// memberlist's codec. Nothing of it is exported, therefore this stands inside its package.
package memberlist

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A message, and an empty one to decode into.
type benchMessage struct {
	kind messageType
	in   any
	out  func() any
}

const benchName, benchOther = "member-27-bytes-long-name-1", "member-27-bytes-long-name-2"

var benchAddr = []byte{10, 0, 0, 1}
var benchVsn = []uint8{ProtocolVersionMin, ProtocolVersionMax, 2, 0, 0, 0}

func benchMeta(size int) []byte {
	if size == 0 {
		return nil
	}
	return bytes.Repeat([]byte{'m'}, size)
}

func benchAlive(metaBytes int) benchMessage {
	return benchMessage{aliveMsg, &alive{Incarnation: 217_000_000, Node: benchName, Addr: benchAddr, Port: 7946,
		Meta: benchMeta(metaBytes), Vsn: benchVsn}, func() any { return new(alive) }}
}

func benchState(metaBytes int) benchMessage {
	return benchMessage{pushPullMsg, &pushNodeState{Incarnation: 217_000_000, Name: benchName, Addr: benchAddr, Port: 7946,
		Meta: benchMeta(metaBytes), State: StateSuspect, Vsn: benchVsn}, func() any { return new(pushNodeState) }}
}

var benchMessages = map[string]benchMessage{
	"ping": {pingMsg, &ping{SeqNo: 70_000, Node: benchName, SourceAddr: benchAddr, SourcePort: 7946,
		SourceNode: benchOther}, func() any { return new(ping) }},
	"indirect-ping": {indirectPingMsg, &indirectPingReq{SeqNo: 70_000, Target: benchAddr, Port: 7946, Node: benchName,
		Nack: true, SourceAddr: benchAddr, SourcePort: 7946, SourceNode: benchOther},
		func() any { return new(indirectPingReq) }},
	"ack":  {ackRespMsg, &ackResp{SeqNo: 70_000}, func() any { return new(ackResp) }},
	"nack": {nackRespMsg, &nackResp{SeqNo: 70_000}, func() any { return new(nackResp) }},
	"suspect": {suspectMsg, &suspect{Incarnation: 217_000_000, Node: benchName, From: benchOther},
		func() any { return new(suspect) }},
	"dead": {deadMsg, &dead{Incarnation: 217_000_000, Node: benchName, From: benchOther},
		func() any { return new(dead) }},
	"alive-0":   benchAlive(0),
	"alive-64":  benchAlive(64),
	"alive-512": benchAlive(512),
	"push-pull-header": {pushPullMsg, &pushPullHeader{Nodes: 1000, UserStateLen: 70_000, Join: true},
		func() any { return new(pushPullHeader) }},
	"node-state-0":   benchState(0),
	"node-state-64":  benchState(64),
	"node-state-512": benchState(512),
	"user-header":    {userMsg, &userMsgHeader{UserMsgLen: 70_000}, func() any { return new(userMsgHeader) }},
	"compress":       {compressMsg, &compress{Algo: lzwAlgo, Buf: benchMeta(1000)}, func() any { return new(compress) }},
	"error":          {errMsg, &errResp{Error: "Remote node state is larger than limit (20971520)"}, func() any { return new(errResp) }},
}

// The work behind an operation on a message or an input; what it returns is what both sides must agree on.
func prepare(operation, name string) (*task, error) {
	words := strings.Split(operation, "/")
	if of := benchMembership[words[0]]; of != nil {
		return of(words[1:], inputs[name]), nil
	}
	work, err := prepareCodec(words, name)
	return &task{work: work}, err
}

func prepareCodec(words []string, name string) (func() ([]byte, error), error) {
	message, input := benchMessages[name], inputs[name]
	switch words[0] {
	case "encode":
		return func() ([]byte, error) {
			buf, err := encode(message.kind, message.in, false)
			return buf.Bytes(), err
		}, nil
	case "decode":
		buf, err := encode(message.kind, message.in, false)
		if err != nil {
			return nil, err
		}
		encoded := buf.Bytes()
		return func() ([]byte, error) { return nil, decode(encoded[1:], message.out()) }, nil
	case "encode-all":
		return func() ([]byte, error) { return bytes.Join(benchMembers(), nil), nil }, nil
	case "decode-in-turn":
		encoded, turn := benchMembers(), 0
		return func() ([]byte, error) {
			turn = (turn + 1) % len(encoded)
			return nil, decode(encoded[turn][1:], new(alive))
		}, nil
	case "make":
		_, parts, err := decodeCompoundMessage(input[1:])
		return func() ([]byte, error) { return makeCompoundMessage(parts).Bytes(), nil }, err
	case "split":
		return func() ([]byte, error) {
			_, parts, err := decodeCompoundMessage(input[1:])
			return lastOf(parts), err
		}, nil
	case "compress":
		return func() ([]byte, error) {
			buf, err := compressPayload(input, false)
			return buf.Bytes(), err
		}, nil
	case "expand":
		return func() ([]byte, error) { return decompressPayload(input[1:]) }, nil
	case "seal", "open":
		return prepareEncryption(words, input)
	}
	return nil, fmt.Errorf("unknown operation %s", words[0])
}

// Alives of 10,000 members.
func benchMembers() [][]byte {
	all := make([][]byte, 10_000)
	for index := range all {
		buf, _ := encode(aliveMsg, benchMember(index), false)
		all[index] = buf.Bytes()
	}
	return all
}

// A claim that a member is there: the same as `aliveOf` in src/inputs.ts.
func benchMember(index int) *alive {
	return &alive{Incarnation: uint32(1 + index%9), Node: fmt.Sprintf("member-27-bytes-long-%06d", index),
		Addr: []byte{10, byte(index >> 16), byte(index >> 8), byte(index)}, Port: 7946, Vsn: benchVsn}
}

func lastOf(parts [][]byte) []byte { return parts[len(parts)-1] }

// "seal/VERSION/BITS" or "open/VERSION/BITS/KEYS". The key is 1, 2, 3 …; before it stand keys of equal bytes.
func prepareEncryption(words []string, input []byte) (func() ([]byte, error), error) {
	version, _ := strconv.Atoi(words[1])
	bits, _ := strconv.Atoi(words[2])
	key := make([]byte, bits/8)
	for at := range key {
		key[at] = byte(at + 1)
	}
	label := []byte("cluster-a")
	if words[0] == "seal" {
		return func() ([]byte, error) {
			var sealed bytes.Buffer
			err := encryptPayload(encryptionVersion(version), key, input, label, &sealed)
			return sealed.Bytes(), err
		}, nil
	}
	count, _ := strconv.Atoi(words[3])
	var keys [][]byte
	for index := 1; index < count; index++ {
		keys = append(keys, bytes.Repeat([]byte{byte(0xa0 + index)}, len(key)))
	}
	keys = append(keys, key)
	return func() ([]byte, error) { return decryptPayload(keys, input, label) }, nil
}
