package memberlist

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"time"
)

func init() { recordings = append(recordings, recordWhole) }

// Whole packets and streams, as a member hands them to its transport.
func recordWhole(r *recorder) {
	recordChecksums(r)
	recordStreams(r)
}

// wire is a transport that goes nowhere and keeps what is written.
type wire struct{ written bytes.Buffer }

func (w *wire) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.IPv4(10, 0, 0, 1), 7946, nil
}
func (w *wire) WriteTo(b []byte, _ string) (time.Time, error) {
	w.written.Write(b)
	return time.Time{}, nil
}
func (w *wire) PacketCh() <-chan *Packet { return nil }
func (w *wire) DialTimeout(string, time.Duration) (net.Conn, error) {
	return nil, errors.New("nowhere")
}
func (w *wire) StreamCh() <-chan net.Conn { return nil }
func (w *wire) Shutdown() error           { return nil }

// pipe is one end of a connection that keeps what is written.
type pipe struct {
	net.Conn
	written bytes.Buffer
}

func (p *pipe) Write(b []byte) (int, error)      { return p.written.Write(b) }
func (p *pipe) SetDeadline(time.Time) error      { return nil }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }
func (p *pipe) Close() error                     { return nil }

type state struct {
	Delegate
	bytes []byte
}

func (s state) LocalState(bool) []byte { return s.bytes }

func quiet(label string, compression bool, transport Transport) (*Memberlist, error) {
	config := DefaultLANConfig()
	config.Name = "node1"
	config.Label = label
	config.EnableCompression = compression
	config.Transport = transport
	config.Logger = log.New(io.Discard, "", 0)
	return newMemberlist(config)
}

func recordChecksums(r *recorder) {
	for _, label := range []string{"", "prod"} {
		for _, compression := range []bool{false, true} {
			for _, pmax := range []uint8{2, 5} {
				for _, message := range append(wholeMessages(r), rawHex("0868656c6c6f")) {
					transport := &wire{}
					m, err := quiet(label, compression, transport)
					if err != nil {
						r.t.Fatal(err)
					}
					to := &Node{Name: "node2", Addr: net.IPv4(10, 0, 0, 2), Port: 7946, PMax: pmax}
					if err := m.rawSendMsgPacket(to.FullAddress(), to, message.bytes); err != nil {
						r.t.Fatal(err)
					}
					note := ""
					if pmax == 5 {
						note = "the recipient understands a checksum"
					}
					r.add("GV-C01", map[string]any{"label": label, "compression": compression, "recipientProtocolMax": pmax},
						map[string]any{"type": "packet", "message": message.form}, transport.written.Bytes(), note)
				}
			}
		}
	}
}

func recordStreams(r *recorder) {
	type member struct {
		name, addr  string
		meta        blob
		incarnation uint32
		state       NodeStateType
	}
	four := []member{
		{"node1", "0a000001", none(), 1, StateAlive},
		{"node2", "0a000002", rawText("meta"), 9, StateLeft},
		{"node3", "c0a8010a", empty(), 300, StateSuspect},
		{"node4", "20010db8000000000000000000000001", filled(0xee, 40), 70000, StateDead},
	}
	many := make([]member, 0, 200)
	for i := range 200 {
		many = append(many, member{"n" + strings.Repeat("x", i%40), "0a000001", none(), uint32(i), StateAlive})
	}
	put := func(id string, members []member, user blob, join, compression bool, label, note string) {
		m, err := quiet("", compression, &wire{})
		if err != nil {
			r.t.Fatal(err)
		}
		m.config.Delegate = state{bytes: user.bytes}
		forms := make([]any, 0, len(members))
		for _, one := range members {
			m.nodes = append(m.nodes, &nodeState{
				Node:        Node{Name: one.name, Addr: unhex(one.addr), Port: 7946, Meta: one.meta.bytes, PMin: 1, PMax: 5, PCur: 2},
				Incarnation: one.incarnation, State: one.state,
			})
			forms = append(forms, map[string]any{"name": one.name, "address": one.addr, "port": 7946, "meta": one.meta.form,
				"incarnation": one.incarnation, "state": int(one.state), "versions": versions.form})
		}
		conn := &pipe{}
		if err := m.sendLocalState(conn, join, label); err != nil {
			r.t.Fatal(err)
		}
		settings := map[string]any{"compression": compression}
		r.add(id, settings, map[string]any{"type": "push-pull", "join": join, "nodes": forms, "userState": user.form},
			conn.written.Bytes(), note)
	}
	for _, compression := range []bool{false, true} {
		put("GV-H01", four[:1], none(), true, compression, "", "")
		put("GV-H01", four[:2], rawText("state"), true, compression, "", "")
		put("GV-H01", four[:1], generated(100_000, 3), true, compression, "", "")
		put("GV-H02", four, none(), false, compression, "", "")
		put("GV-H03", many, none(), false, compression, "", "the count is a signed 16-bit number")
	}
	recordStreamMessages(r)
}

// What is written on a fresh stream for a user message, with the label header of the initiator.
func recordStreamMessages(r *recorder) {
	for _, compression := range []bool{false, true} {
		for _, label := range []string{"", "prod"} {
			for _, payload := range []blob{empty(), rawText("abc"), filled('u', 300), generated(100_000, 3)} {
				conn := &pipe{}
				m, err := quiet(label, compression, &dialled{conn: conn})
				if err != nil {
					r.t.Fatal(err)
				}
				if err := m.sendUserMsg(Address{Addr: "10.0.0.2:7946", Name: "node2"}, payload.bytes); err != nil {
					r.t.Fatal(err)
				}
				r.add("GV-H04", map[string]any{"compression": compression, "label": label},
					map[string]any{"type": "user-stream", "payload": payload.form}, conn.written.Bytes(), "")
			}
		}
	}
}

type dialled struct {
	wire
	conn net.Conn
}

func (d *dialled) DialTimeout(string, time.Duration) (net.Conn, error) { return d.conn, nil }
