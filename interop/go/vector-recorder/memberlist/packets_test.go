//go:build go1.22

package memberlist

import (
	"fmt"
	"net"
	"strings"
	"time"
)

func init() { recordings = append(recordings, recordPackets) }

// scenario makes a member send a packet, and returns that.
type scenario struct {
	id, name string
	run      func(*recorder, setup) []byte
}

var scenarios = []scenario{
	{"GV-G01", "ping", runPing},
	{"GV-G02", "ack to the source in the ping", func(r *recorder, s setup) []byte { return r.answered(s, addr1, 7946) }},
	{"GV-G03", "ack to where the ping came from", func(r *recorder, s setup) []byte { return r.answered(s, none(), 0) }},
	{"GV-G04", "gossip with one broadcast", func(r *recorder, s setup) []byte { return r.gossiped(s, 1) }},
	{"GV-G05", "gossip with many broadcasts", func(r *recorder, s setup) []byte { return r.gossiped(s, 5) }},
	{"GV-G06", "probe of a suspect", runProbeOfSuspect},
	{"GV-G07", "user message", runUser},
	{"GV-G08", "indirect ping", runIndirectPing},
	{"GV-G09", "ping for another member", func(r *recorder, s setup) []byte { return r.relayed(s, false) }},
	{"GV-G09", "relayed ack", func(r *recorder, s setup) []byte { return r.relayed(s, true) }},
	{"GV-G10", "nack", runNack},
}

// G: each scenario under each setup. G00 says what is in its packets, whatever surrounds them.
func recordPackets(r *recorder) {
	for _, one := range scenarios {
		for _, recipientMax := range []uint8{2, 5} {
			s := setup{recipientMax: recipientMax}
			r.add("GV-G00", map[string]any{"recipientProtocolMax": recipientMax}, map[string]any{"type": "content", "scenario": one.name},
				r.contentOf(r.opened(s, one.run(r, s))), "")
		}
		eachSetup(func(s setup) {
			seedNonces(fmt.Sprint(one.name, s.form()))
			r.add(one.id, s.form(), map[string]any{"type": "packet", "scenario": one.name}, hexOf(one.run(r, s)), "")
		})
	}
	recordFilling(r)
}

func eachSetup(do func(setup)) {
	for _, protocol := range []uint8{1, 2, 5} {
		for _, label := range []string{"", "prod"} {
			for _, keyBytes := range []int{0, 16, 32} {
				for _, sendsPlain := range []bool{false, true} {
					for _, compression := range []bool{false, true} {
						for _, recipientMax := range []uint8{2, 5} {
							do(setup{protocol, label, keyBytes, sendsPlain, compression, recipientMax, false})
						}
					}
				}
			}
		}
	}
}

func runPing(r *recorder, s setup) []byte {
	m, network := r.member(s, recordOf("node2", "0a000002", StateAlive, 1, 2, s.recipientMax))
	m.probeNodeByAddr("node2")
	return r.firstTo(m, network, "10.0.0.2:7946")
}

func runProbeOfSuspect(r *recorder, s setup) []byte {
	m, network := r.member(s, recordOf("node2", "0a000002", StateSuspect, 3, 2, s.recipientMax))
	m.probeNodeByAddr("node2")
	return r.firstTo(m, network, "10.0.0.2:7946")
}

// Versions before v0.6.0 pick at random and may find nobody to ask: then it is tried again.
func runIndirectPing(r *recorder, s setup) []byte {
	for {
		seedNonces(fmt.Sprint("indirect ping", s.form()))
		m, network := r.member(s, recordOf("node2", "0a000002", StateAlive, 1, 2, s.recipientMax),
			recordOf("node3", "0a000003", StateAlive, 1, 2, s.recipientMax))
		m.probeNodeByAddr("node2")
		if len(network.all()) > 1 {
			return r.firstTo(m, network, "10.0.0.3:7946")
		}
		r.check(m.Shutdown())
	}
}

func runUser(r *recorder, s setup) []byte {
	m, network := r.member(s)
	to := &Node{Name: "node2", Addr: net.IP(unhex("0a000002")), Port: 7946, PMax: s.recipientMax}
	r.check(m.SendBestEffort(to, []byte(strings.Repeat("a", 64))))
	return r.firstTo(m, network, "10.0.0.2:7946")
}

// answered pings the member, and returns what it answers.
func (r *recorder) answered(s setup, addr blob, port uint16) []byte {
	m, network := r.member(s, recordOf("node2", "0a000002", StateAlive, 1, 2, s.recipientMax))
	to := source.String()
	if port != 0 {
		to = "10.0.0.1:7946"
	}
	r.put(s, network, pingMsg, &ping{SeqNo: 300, Node: "node1", SourceAddr: addr.bytes, SourcePort: port, SourceNode: "node2"})
	return r.firstTo(m, network, to)
}

// relayed asks the member to ping node2 for node3, and returns that ping, or the ack after node2 answered it.
func (r *recorder) relayed(s setup, ack bool) []byte {
	m, network := r.member(s, recordOf("node2", "0a000002", StateAlive, 1, 2, s.recipientMax))
	m.config.ProbeTimeout = 20 * time.Second
	m.config.BindPort = 7946
	r.put(s, network, indirectPingMsg, &indirectPingReq{SeqNo: 100, Target: unhex("0a000002"), Port: 7946, Node: "node2",
		SourceAddr: unhex("0a000003"), SourcePort: 7946, SourceNode: "node3"})
	if !ack {
		return r.firstTo(m, network, "10.0.0.2:7946")
	}
	r.sent(network)
	r.put(s, network, ackRespMsg, &ackResp{SeqNo: 1})
	return r.firstTo(m, network, "10.0.0.3:7946")
}

// The member is asked as above, but node2 does not answer.
func runNack(r *recorder, s setup) []byte {
	m, network := r.member(s)
	r.put(s, network, indirectPingMsg, &indirectPingReq{SeqNo: 100, Target: unhex("0a000002"), Port: 7946, Node: "node2", Nack: true,
		SourceAddr: unhex("0a000003"), SourcePort: 7946, SourceNode: "node3"})
	return r.firstTo(m, network, "10.0.0.3:7946")
}

func (r *recorder) gossiped(s setup, count int) []byte {
	m, network := r.member(s, recordOf("node2", "0a000002", StateAlive, 1, 2, s.recipientMax))
	meta := []byte(strings.Repeat("zone-a,", 8))
	for _, broadcast := range []struct {
		msgType messageType
		body    any
	}{
		{aliveMsg, &alive{Incarnation: 1, Node: "node3", Addr: unhex("c0a8010a"), Port: 7946, Vsn: versions.bytes}},
		{aliveMsg, &alive{Incarnation: 70000, Node: "node6", Addr: mapped.bytes, Port: 80, Meta: meta, Vsn: versions.bytes}},
		{suspectMsg, &suspect{Incarnation: 3, Node: "node4", From: "node1"}},
		{deadMsg, &dead{Incarnation: 300, Node: "node5", From: "node5"}},
		{aliveMsg, &alive{Incarnation: 2, Node: "n7", Addr: v6.bytes, Port: 7946, Meta: meta, Vsn: versions.bytes}},
	}[:count] {
		message, err := encodeBody(broadcast.msgType, broadcast.body)
		r.check(err)
		m.broadcasts.QueueBroadcast(lasting(message))
	}
	for len(network.all()) == 0 {
		m.gossip()
	}
	return r.firstTo(m, network, "10.0.0.2:7946")
}

// put lets a message come in, in what surrounds packets under this setup.
func (r *recorder) put(s setup, network *network, msgType messageType, body any) {
	message, err := encodeBody(msgType, body)
	r.check(err)
	network.packets <- &Packet{Buf: r.surrounded(s, message), From: source, Timestamp: epoch}
}

// firstTo waits for the first packet to an address, and ends the member.
func (r *recorder) firstTo(m *Memberlist, network *network, to string) []byte {
	for {
		if one := r.sent(network); one.to == to {
			r.check(m.Shutdown())
			return one.bytes
		}
	}
}
