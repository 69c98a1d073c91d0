// The store of dskit, with a ring in it.
package ring

import (
	"encoding/binary"
	"fmt"

	"github.com/grafana/dskit/kv/memberlist"
)

const benchKey = "ring"

func prepare(operation, name string) (*task, error) {
	if operation != "receive" {
		return nil, fmt.Errorf("unknown operation %s", operation)
	}
	// The whole ring, and then one message for each instance, each behind its length.
	messages := benchMessages(inputs[name])
	whole, updates := messages[0], messages[1:]
	var store *memberlist.BenchStore
	next := 0
	return &task{
		every: len(updates),
		renew: func() {
			store = memberlist.NewBenchStore(benchKey, len(updates), GetCodec())
			if err := store.Receive(whole); err != nil {
				panic(err)
			}
			store.Queued()
			next = 0
		},
		work: func() ([]byte, error) {
			err := store.Receive(updates[next])
			next++
			return nil, err
		},
		result: func() []byte { return store.Queued() },
	}, nil
}

func benchMessages(input []byte) (messages [][]byte) {
	for at := 0; at < len(input); {
		length := int(binary.BigEndian.Uint32(input[at:]))
		messages = append(messages, input[at+4:at+4+length])
		at += 4 + length
	}
	return messages
}
