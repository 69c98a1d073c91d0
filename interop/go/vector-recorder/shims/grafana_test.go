//go:build go1.22

package memberlist

import "fmt"

const codecName = "go-msgpack/v2 v2.1.1"

type (
	memberRecord = NodeState
	compressed   = compressedPayload
)

func encodeBody(msgType messageType, in any) ([]byte, error) { return encode(msgType, in, false) }

func compressMessage(message []byte) ([]byte, error) {
	return compressPayload(lzwCompressionType, message, false)
}

func joined(messages [][]byte) []byte { return makeCompoundMessage(messages) }

func joinedInto(messages [][]byte) [][]byte { return makeCompoundMessages(messages) }

func init() { recordings = append(recordings, recordSnappy) }

// The second algorithm, which only this fork has.
func recordSnappy(r *recorder) {
	for _, message := range []blob{filled('a', 64), generated(5000, 255), generated(5000, 3), rawText("abc"), empty()} {
		out, err := compressPayload(snappyCompressionType, message.bytes, false)
		r.check(err)
		var inner compressed
		r.check(decode(out[1:], &inner))
		r.add("GV-B20", map[string]any{"compression": "snappy"}, map[string]any{"type": "compress", "message": message.form}, longOf(out), "")
		r.add("GV-B20", map[string]any{"algorithm": int(inner.Algo)}, map[string]any{"type": "snappy", "input": message.form}, longOf(inner.Buf), "")
	}
	for _, damaged := range []string{"", "05", "0001", "4004086100", "ffffffff7f0061", "ffffff0f0061"} {
		out, err := decompressBuffer(&compressed{Algo: snappyCompressionType, Buf: unhex(damaged)})
		form := bytesForm(out)
		if err != nil {
			form = nil
		}
		r.add("GV-B20", nil, map[string]any{"type": "snappy-expand", "bytes": damaged}, form, "")
	}
}

func useSnappy(config *Config) { config.CompressionAlgorithm = CompressionAlgorithmSnappy }

func init() { recordings = append(recordings, recordWithSnappy) }

// Whole packets and streams with the second algorithm.
func recordWithSnappy(r *recorder) {
	for _, label := range []string{"", "prod"} {
		for _, keyBytes := range []int{0, 16} {
			s := setup{label: label, keyBytes: keyBytes, compression: true, snappy: true, recipientMax: 5}
			for _, one := range scenarios {
				seedNonces(fmt.Sprint(one.name, s.form()))
				r.add(one.id+"/snappy", s.form(), map[string]any{"type": "packet", "scenario": one.name}, hexOf(one.run(r, s)), "")
			}
			r.pushPull("GV-H01", s, true, none(), rawText("state"))
			r.pushPull("GV-H01", s, true, generated(100_000, 3), none())
			r.userStream(s, filled('u', 300))
			r.pingStream(s, "node2")
		}
	}
}
