//go:build go1.22

package memberlist

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"time"
)

// setup is what a recorded member is configured with; the zero value is plain.
type setup struct {
	protocol     uint8 // 0: the default, 2
	label        string
	keyBytes     int  // of the keys of wire spec, Appendix B; 0: none
	sendsPlain   bool // GossipVerifyOutgoing is off
	compression  bool
	recipientMax uint8 // the highest protocol version of the recipient; 0: 5
	snappy       bool  // instead of LZW, which only the fork has
}

func (s setup) form() map[string]any {
	form := map[string]any{"label": s.label, "compression": s.compression, "keyBytes": s.keyBytes}
	if s.protocol != 0 {
		form["protocol"] = s.protocol
	}
	if s.recipientMax != 0 {
		form["recipientProtocolMax"] = s.recipientMax
	}
	if s.snappy {
		form["algorithm"] = "snappy"
	}
	if s.keyBytes != 0 {
		form["verifyOutgoing"] = !s.sendsPlain
	}
	return form
}

// keyOf are the keys of wire spec, Appendix B: 00, 01, 02 and so on.
func keyOf(size int) []byte {
	key := make([]byte, size)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

// nonces makes the library's nonces the same in each recording: they are derived from a seed.
type nonces struct{ state [sha256.Size]byte }

func (n *nonces) Read(b []byte) (int, error) {
	n.state = sha256.Sum256(n.state[:])
	return copy(b, n.state[:]), nil
}

func seedNonces(seed string) { rand.Reader = &nonces{sha256.Sum256([]byte(seed))} }

var (
	source = &net.UDPAddr{IP: net.IPv4(10, 0, 0, 9).To4(), Port: 7000}
	epoch  = time.Unix(0, 0)
)

type packet struct {
	to    string
	bytes []byte
}

// network is a transport that keeps what is sent, and lets packets and streams be put in.
type network struct {
	lock    sync.Mutex
	kept    []packet
	sent    chan packet
	packets chan *Packet
	streams chan net.Conn
	dial    func() (net.Conn, error)
}

func (n *network) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.IPv4(10, 0, 0, 1).To4(), 7946, nil
}

func (n *network) WriteTo(b []byte, to string) (time.Time, error) {
	one := packet{to, append([]byte{}, b...)}
	n.lock.Lock()
	n.kept = append(n.kept, one)
	n.lock.Unlock()
	n.sent <- one
	return time.Time{}, nil
}

func (n *network) PacketCh() <-chan *Packet  { return n.packets }
func (n *network) StreamCh() <-chan net.Conn { return n.streams }
func (n *network) Shutdown() error           { return nil }
func (n *network) DialTimeout(string, time.Duration) (net.Conn, error) {
	if n.dial == nil {
		return nil, errors.New("nowhere")
	}
	return n.dial()
}

func (n *network) all() (packets [][]byte) {
	n.lock.Lock()
	defer n.lock.Unlock()
	for _, one := range n.kept {
		packets = append(packets, one.bytes)
	}
	return packets
}

// last is nil when nothing was sent.
func (n *network) last() []byte {
	if packets := n.all(); len(packets) > 0 {
		return packets[len(packets)-1]
	}
	return nil
}

// sent waits for the next packet.
func (r *recorder) sent(n *network) packet {
	select {
	case one := <-n.sent:
		return one
	case <-time.After(10 * time.Second):
		r.t.Helper()
		r.t.Fatal("no packet was sent")
		return packet{}
	}
}

// member is node1 at 10.0.0.1:7946, without timers of its own: what it does is asked for.
func (r *recorder) member(s setup, others ...*memberRecord) (*Memberlist, *network) {
	return r.memberNamed("node1", "0a000001", s, others...)
}

func (r *recorder) memberNamed(name, addr string, s setup, others ...*memberRecord) (*Memberlist, *network) {
	transport := &network{sent: make(chan packet, 1000), packets: make(chan *Packet), streams: make(chan net.Conn)}
	config := DefaultLANConfig()
	config.Name = name
	config.Label = s.label
	config.EnableCompression = s.compression
	config.Transport = transport
	config.Logger = log.New(io.Discard, "", 0)
	config.DisableTcpPings = true
	config.ProbeTimeout = time.Millisecond
	config.ProbeInterval = 2 * time.Millisecond
	if s.protocol != 0 {
		config.ProtocolVersion = s.protocol
	}
	if s.keyBytes != 0 {
		config.SecretKey = keyOf(s.keyBytes)
	}
	config.GossipVerifyOutgoing = !s.sendsPlain
	if s.snappy {
		useSnappy(config)
	}
	m, err := newMemberlist(config)
	r.check(err)
	m.nodeLock.Lock()
	defer m.nodeLock.Unlock()
	for _, one := range append([]*memberRecord{recordOf(name, addr, StateAlive, 1, config.ProtocolVersion, 5)}, others...) {
		m.nodes = append(m.nodes, one)
		m.nodeMap[one.Name] = one
	}
	return m, transport
}

func recordOf(name, addr string, state NodeStateType, incarnation uint32, current, max uint8) *memberRecord {
	return &memberRecord{
		Node:        Node{Name: name, Addr: unhex(addr), Port: 7946, PMin: 1, PMax: max, PCur: current},
		Incarnation: incarnation, State: state, StateChange: time.Now(),
	}
}

// lasting is a broadcast that no later one replaces.
type lasting []byte

func (l lasting) Invalidates(Broadcast) bool { return false }
func (l lasting) Message() []byte            { return l }
func (l lasting) Finished()                  {}
