//go:build go1.22

package memberlist

import (
	"bytes"
	"fmt"
)

// surrounded is a message as another member with the same setup would send it.
func (r *recorder) surrounded(s setup, message []byte) []byte {
	if s.keyBytes != 0 {
		var body bytes.Buffer
		version := encryptionVersion(1)
		if s.protocol == 1 {
			version = 0
		}
		r.check(encryptPayload(version, keyOf(s.keyBytes), message, []byte(s.label), &body))
		message = body.Bytes()
	}
	packet, err := AddLabelHeaderToPacket(message, s.label)
	r.check(err)
	return packet
}

// opened is what a packet is when label, encryption and checksum are off.
func (r *recorder) opened(s setup, packet []byte) []byte {
	message, _, err := RemoveLabelHeaderFromPacket(append([]byte{}, packet...))
	r.check(err)
	if s.keyBytes != 0 && !s.sendsPlain {
		message, err = decryptPayload([][]byte{keyOf(s.keyBytes)}, message, []byte(s.label))
		r.check(err)
	}
	if messageType(message[0]) == hasCrcMsg {
		message = message[5:]
	}
	return message
}

func (r *recorder) partsOf(message []byte) [][]byte {
	if messageType(message[0]) != compoundMsg {
		return [][]byte{message}
	}
	truncated, parts, err := decodeCompoundMessage(message[1:])
	if err != nil || truncated > 0 {
		r.t.Fatal("not a whole compound")
	}
	return parts
}

var kinds = map[messageType]string{
	pingMsg: "ping", indirectPingMsg: "indirect-ping", ackRespMsg: "ack", nackRespMsg: "nack", suspectMsg: "suspect",
	deadMsg: "dead", aliveMsg: "alive",
}

// contentOf is the fields of each message.
func (r *recorder) contentOf(message []byte) []any {
	content := []any{}
	for _, part := range r.partsOf(message) {
		if messageType(part[0]) == userMsg {
			content = append(content, map[string]any{"type": "user", "payload": hexOf(part[1:])})
			continue
		}
		kind := kinds[messageType(part[0])]
		value := bodies[kind]()
		r.check(decode(part[1:], value))
		fields := fieldsOf(value)
		fields["type"] = kind
		content = append(content, fields)
	}
	return content
}

type fullPacket struct {
	SizeBytes int   `json:"sizeBytes"`
	Parts     []int `json:"parts"`
}

// G11: how 40 broadcasts, user messages of so many bytes, are put into packets of 1400 bytes: by gossip, until none is
// left, and beside an ack.
func recordFilling(r *recorder) {
	eachSetup(func(s setup) {
		if s.compression || s.keyBytes == 32 || s.protocol == 5 {
			return
		}
		packed := func(packets [][]byte) []fullPacket {
			list := []fullPacket{}
			for _, packet := range packets {
				one := fullPacket{SizeBytes: len(packet)}
				for _, part := range r.partsOf(r.opened(s, packet)) {
					one.Parts = append(one.Parts, len(part))
				}
				list = append(list, one)
			}
			return list
		}
		seedNonces(fmt.Sprint("filling", s.form()))
		r.add("GV-G11", s.form(), map[string]any{"type": "filling", "sizes": sizesOf40()},
			map[string]any{"gossip": packed(r.filling(s, false)), "piggyback": packed(r.filling(s, true))}, "")
	})
}

func sizesOf40() (sizes []int) {
	for i := range 40 {
		sizes = append(sizes, 30+(i*7)%40*3)
	}
	return sizes
}

func (r *recorder) filling(s setup, piggyback bool) [][]byte {
	m, network := r.member(s, recordOf("node2", "0a000002", StateAlive, 1, 2, s.recipientMax))
	for _, size := range sizesOf40() {
		m.broadcasts.QueueBroadcast(lasting(filled(8, size).bytes))
	}
	if piggyback {
		message, err := encodeBody(ackRespMsg, &ackResp{SeqNo: 42})
		r.check(err)
		r.check(m.sendMsg(Address{Addr: "10.0.0.2:7946", Name: "node2"}, message))
	}
	for !piggyback && m.broadcasts.NumQueued() > 0 {
		m.gossip()
	}
	r.check(m.Shutdown())
	return network.all()
}
