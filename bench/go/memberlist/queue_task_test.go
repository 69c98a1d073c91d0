package memberlist

import (
	"crypto/sha256"
	"hash"
	"strconv"
)

// What is queued for one member: the same as in src/membership/broadcasts.ts.
func benchBroadcast(index, factor int) []byte {
	message := make([]byte, 60+index*factor%61)
	for at := range message {
		message[at] = byte(index)
	}
	message[0], message[1], message[2] = byte(userMsg), byte(index>>8), byte(index>>16)
	return message
}

// "queue/COUNT": so many broadcasts queued, a fourth of them replaced, and all sent as often as they must be.
func queueTask(words []string, _ []byte) *task {
	count, _ := strconv.Atoi(words[0])
	var names []string
	var messages [][]byte
	add := func(index, factor int) {
		names = append(names, benchMember(index).Node)
		messages = append(messages, benchBroadcast(index, factor))
	}
	for index := range count {
		add(index, 7919)
	}
	for index := 0; index < count; index += 4 {
		add(index, 10_007)
	}
	drain := func(digest hash.Hash) {
		queue := &TransmitLimitedQueue{RetransmitMult: 4, NumNodes: func() int { return count }}
		for at, message := range messages {
			queue.QueueBroadcast(&memberlistBroadcast{node: names[at], msg: message})
		}
		for {
			packet := queue.GetBroadcasts(compoundOverhead, 1400)
			if len(packet) == 0 {
				return
			}
			for _, message := range packet {
				if digest != nil {
					digest.Write(message)
				}
			}
		}
	}
	return &task{
		work: func() ([]byte, error) { drain(nil); return nil, nil },
		result: func() []byte {
			digest := sha256.New()
			drain(digest)
			return digest.Sum(nil)
		},
	}
}
