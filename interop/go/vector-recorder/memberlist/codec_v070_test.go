package memberlist

const codecName = "go-msgpack/v2 v2.1.5"

func encodeBody(msgType messageType, in any) ([]byte, error) {
	buf, err := encode(msgType, in, false)
	return buf.Bytes(), err
}
