//go:build go1.22

package memberlist

const codecName = "go-msgpack v0.5.3"

type (
	memberRecord = nodeState
	compressed   = compress
)

func encodeBody(msgType messageType, in any) ([]byte, error) {
	buf, err := encode(msgType, in)
	return buf.Bytes(), err
}

func compressMessage(message []byte) ([]byte, error) {
	buf, err := compressPayload(message)
	return buf.Bytes(), err
}

func joined(messages [][]byte) []byte { return makeCompoundMessage(messages).Bytes() }

func joinedInto(messages [][]byte) (compounds [][]byte) {
	for _, compound := range makeCompoundMessages(messages) {
		compounds = append(compounds, compound.Bytes())
	}
	return compounds
}

func useSnappy(*Config) { panic("only the fork has it") }
