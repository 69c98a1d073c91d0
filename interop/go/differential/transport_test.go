package memberlist

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Deep enough that nobody who sends ever waits, not even after a shutdown.
const diffQueueDepth = 4096

// diffTransport hands in what the harness says and keeps what the member sends. Nothing in it blocks.
type diffTransport struct {
	address net.IP
	port    int
	packets chan *Packet
	streams chan net.Conn
	now     func() float64

	mu      sync.Mutex
	sent    []diffPacket
	dials   map[int]*diffDial
	fresh   []*diffDial
	refused map[string]bool
	nextID  int
}

// diffPacket is one that the member sent.
type diffPacket struct {
	AtMs  float64 `json:"atMs"`
	To    string  `json:"to"`
	Bytes []byte  `json:"bytes"`
}

// diffDial is a stream that the member opened: what it has written so far.
type diffDial struct {
	id      int
	atMs    float64
	to      string
	refused bool
	conn    net.Conn
	heard   *diffEar
}

func diffNewTransport(address net.IP, port int, now func() float64) *diffTransport {
	return &diffTransport{
		address: address, port: port, now: now,
		packets: make(chan *Packet, diffQueueDepth),
		streams: make(chan net.Conn, diffQueueDepth),
		dials:   map[int]*diffDial{},
		refused: map[string]bool{},
	}
}

func (t *diffTransport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return t.address, t.port, nil
}

func (t *diffTransport) WriteTo(b []byte, to string) (time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = append(t.sent, diffPacket{AtMs: t.now(), To: to, Bytes: append([]byte{}, b...)})
	return time.Now(), nil
}

func (t *diffTransport) PacketCh() <-chan *Packet  { return t.packets }
func (t *diffTransport) StreamCh() <-chan net.Conn { return t.streams }
func (t *diffTransport) Shutdown() error           { return nil }

func (t *diffTransport) DialTimeout(to string, _ time.Duration) (net.Conn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nextID++
	dial := &diffDial{id: t.nextID, atMs: t.now(), to: to, refused: t.refused[to]}
	t.fresh = append(t.fresh, dial)
	if dial.refused {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	theirs, ours := net.Pipe()
	dial.conn, dial.heard = ours, diffListen(ours)
	t.dials[dial.id] = dial
	return theirs, nil
}

// diffEar reads a stream to its end.
type diffEar struct {
	mu    sync.Mutex
	bytes []byte
}

func diffListen(conn net.Conn) *diffEar {
	ear := &diffEar{}
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := conn.Read(buffer)
			ear.mu.Lock()
			ear.bytes = append(ear.bytes, buffer[:n]...)
			ear.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return ear
}

func (e *diffEar) heard() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]byte{}, e.bytes...)
}
