//go:build go1.21

package memberlist

const codecName = "go-msgpack v0.5.3"

func encodeBody(msgType messageType, in any) ([]byte, error) {
	buf, err := encode(msgType, in)
	return buf.Bytes(), err
}
