//go:build go1.22

package memberlist

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

func init() { recordings = append(recordings, recordStreams) }

// tape is one end of a stream; it keeps what is written there, and says when it is closed.
type tape struct {
	net.Conn
	lock    sync.Mutex
	written bytes.Buffer
	closing sync.Once
	closed  chan struct{}
}

func newTape(conn net.Conn) *tape { return &tape{Conn: conn, closed: make(chan struct{})} }

func (t *tape) Write(b []byte) (int, error) {
	t.lock.Lock()
	t.written.Write(b)
	t.lock.Unlock()
	return t.Conn.Write(b)
}

func (t *tape) Close() error {
	t.closing.Do(func() { close(t.closed) })
	return t.Conn.Close()
}

func (t *tape) bytes() []byte {
	t.lock.Lock()
	defer t.lock.Unlock()
	return append([]byte{}, t.written.Bytes()...)
}

// application has a state for push/pulls, and takes what comes.
type application struct{ state []byte }

func (a application) NodeMeta(int) []byte             { return nil }
func (a application) NotifyMsg([]byte)                {}
func (a application) GetBroadcasts(int, int) [][]byte { return nil }
func (a application) LocalState(bool) []byte          { return a.state }
func (a application) MergeRemoteState([]byte, bool)   {}

// conversation lets an initiator, node1, speak with an acceptor, node2, and returns what each of them wrote.
func (r *recorder) conversation(initiator, acceptor *Memberlist, from, to *network, speak func()) (request, reply []byte) {
	var ends [2]*tape
	from.dial = func() (net.Conn, error) {
		one, other := net.Pipe()
		ends = [2]*tape{newTape(one), newTape(other)}
		to.streams <- ends[1]
		return ends[0], nil
	}
	speak()
	select {
	case <-ends[1].closed:
	case <-time.After(20 * time.Second):
		r.t.Fatal("the acceptor did not end")
	}
	r.check(initiator.Shutdown())
	r.check(acceptor.Shutdown())
	return ends[0].bytes(), ends[1].bytes()
}

// transcript is both directions, with the nonces, which long ones do not show.
func transcript(request, reply []byte, label string) map[string]any {
	nonces := []string{}
	if label != "" {
		nonces = append(nonces, nonceOf(request[2+len(label):])...)
	} else {
		nonces = append(nonces, nonceOf(request)...)
	}
	return map[string]any{"request": longOf(request), "reply": longOf(reply), "nonces": append(nonces, nonceOf(reply)...)}
}

func nonceOf(stream []byte) []string {
	if len(stream) == 0 || messageType(stream[0]) != encryptMsg {
		return nil
	}
	return []string{hexOf(stream[6:18])}
}

// H06: everything that follows, under each of these.
func eachStreamSetup(do func(setup)) {
	for _, compression := range []bool{false, true} {
		for _, label := range []string{"", "prod"} {
			for _, one := range []setup{{}, {keyBytes: 16}, {keyBytes: 32, protocol: 1}} {
				one.compression, one.label = compression, label
				do(one)
			}
		}
	}
}

func recordStreams(r *recorder) {
	eachStreamSetup(func(s setup) {
		current := uint8(2)
		if s.protocol != 0 {
			current = s.protocol
		}
		left := recordOf("node5", "0a000005", StateLeft, 9, current, 5)
		left.Meta = []byte("meta")
		suspect := recordOf("node3", "c0a8010a", StateSuspect, 300, current, 5)
		suspect.Meta = []byte{}
		dead := recordOf("node4", "20010db8000000000000000000000001", StateDead, 70000, current, 5)
		dead.Meta = filled(0xee, 40).bytes
		many := make([]*memberRecord, 0, 199)
		for i := range 199 {
			many = append(many, recordOf(fmt.Sprintf("many%d", i), fmt.Sprintf("0a0001%02x", i), StateAlive, uint32(i), current, 5))
		}
		r.pushPull("GV-H01", s, true, none(), none())
		r.pushPull("GV-H01", s, true, rawText("state"), rawText("other"))
		r.pushPull("GV-H01", s, true, generated(100_000, 3), none())
		r.pushPull("GV-H02", s, false, none(), rawText("state"), left, suspect, dead, recordOf("node6", "0a000006", StateAlive, 1, current, 5))
		r.pushPull("GV-H03", s, false, none(), none(), many...)
		for _, payload := range []blob{empty(), rawText("abc"), filled('u', 300), generated(100_000, 3)} {
			r.userStream(s, payload)
		}
		for _, name := range []string{"node2", "", "node3"} {
			r.pingStream(s, name)
		}
	})
	recordErrorReplies(r)
}

func (r *recorder) pair(s setup, others ...*memberRecord) (a, b *Memberlist, from, to *network) {
	a, from = r.memberNamed("node1", "0a000001", s, others...)
	b, to = r.memberNamed("node2", "0a000002", s)
	b.config.Delegate = application{}
	return a, b, from, to
}

// The states of a member, as its push/pulls give them.
func stateForms(m *Memberlist) []any {
	forms := []any{}
	for _, n := range m.nodes {
		forms = append(forms, map[string]any{"name": n.Name, "address": hexOf(n.Addr), "port": n.Port, "meta": bytesForm(n.Meta),
			"incarnation": n.Incarnation, "state": int(n.State), "versions": hexOf([]byte{n.PMin, n.PMax, n.PCur, n.DMin, n.DMax, n.DCur})})
	}
	return forms
}

func (r *recorder) pushPull(id string, s setup, join bool, mine, theirs blob, others ...*memberRecord) {
	seedNonces(fmt.Sprint(id, s.form(), len(mine.bytes)))
	a, b, from, to := r.pair(s, others...)
	a.config.Delegate, b.config.Delegate = application{mine.bytes}, application{theirs.bytes}
	in := map[string]any{"type": "push-pull", "join": join,
		"initiator": map[string]any{"nodes": stateForms(a), "userState": mine.form},
		"acceptor":  map[string]any{"nodes": stateForms(b), "userState": theirs.form}}
	request, reply := r.conversation(a, b, from, to, func() {
		r.check(a.pushPullNode(Address{Addr: "10.0.0.2:7946", Name: "node2"}, join))
	})
	r.add(id, s.form(), in, transcript(request, reply, s.label), "")
}

func (r *recorder) userStream(s setup, payload blob) {
	seedNonces(fmt.Sprint("user", s.form(), len(payload.bytes)))
	a, b, from, to := r.pair(s)
	request, reply := r.conversation(a, b, from, to, func() {
		r.check(a.SendReliable(&Node{Name: "node2", Addr: unhex("0a000002"), Port: 7946}, payload.bytes))
	})
	r.add("GV-H04", s.form(), map[string]any{"type": "user-stream", "payload": payload.form}, transcript(request, reply, s.label), "")
}

func (r *recorder) pingStream(s setup, name string) {
	seedNonces(fmt.Sprint("ping", s.form(), name))
	a, b, from, to := r.pair(s)
	message := ping{SeqNo: 7, Node: name, SourceAddr: unhex("0a000001"), SourcePort: 7946, SourceNode: "node1"}
	answered := false
	request, reply := r.conversation(a, b, from, to, func() {
		answered, _ = a.sendPingAndWaitForAck(Address{Addr: "10.0.0.2:7946", Name: "node2"}, message, time.Now().Add(20*time.Second))
	})
	r.add("GV-H05", s.form(), map[string]any{"type": "ping-stream", "ping": fieldsOf(&message), "acceptor": "node2", "answered": answered},
		transcript(request, reply, s.label), "")
}

// H07: what an acceptor answers when it cannot read the outer layers of a request.
func recordErrorReplies(r *recorder) {
	message, err := encodeBody(pingMsg, &ping{SeqNo: 7, Node: "node2"})
	r.check(err)
	frameUnder := func(s setup) []byte {
		m, _ := r.member(s)
		frame, err := m.encryptLocalState(message, s.label)
		r.check(err)
		r.check(m.Shutdown())
		return frame
	}
	wrapped := func(algorithm byte, body []byte) []byte {
		out, err := encodeBody(compressMsg, &compressed{Buf: body})
		r.check(err)
		return bytes.Replace(out, []byte("Algo\x00"), append([]byte("Algo"), algorithm), 1)
	}
	for _, compression := range []bool{false, true} {
		for _, label := range []string{"", "prod"} {
			plain := setup{label: label, compression: compression}
			sealed := setup{label: label, compression: compression, keyBytes: 16}
			put := func(name string, acceptor setup, request []byte) {
				seedNonces(fmt.Sprint(name, acceptor.form()))
				r.errorReply(name, acceptor, request)
			}
			seedNonces("requests")
			frame, other := frameUnder(sealed), frameUnder(setup{label: label, keyBytes: 32})
			put("plaintext to an encrypting acceptor", sealed, message)
			put("encrypted to a plain acceptor", plain, frame)
			put("another key", sealed, other)
			put("a damaged frame", sealed, append(append([]byte{}, frame[:len(frame)-1]...), frame[len(frame)-1]^1))
			put("an oversized frame", sealed, unhex("0a01400001"))
			put("an empty frame", sealed, unhex("0a00000000"))
			put("damaged LZW", plain, wrapped(0, nines(256, 65, 300, 257)))
			put("LZW without an end", plain, wrapped(0, nines(256, 65)))
			put("an unknown algorithm", plain, wrapped(7, nines(256, 65, 257)))
			put("a bad struct", plain, unhex("09ff"))
		}
	}
}

func (r *recorder) errorReply(name string, s setup, request []byte) {
	header, err := AddLabelHeaderToPacket(nil, s.label)
	r.check(err)
	request = append(header, request...)
	m, network := r.memberNamed("node2", "0a000002", s)
	one, other := net.Pipe()
	network.streams <- other
	go one.Write(request)
	reply, err := io.ReadAll(one)
	r.check(err)
	r.check(m.Shutdown())
	out := map[string]any{"reply": hexOf(reply), "nonces": nonceOf(reply)}
	r.add("GV-H07/"+name, s.form(), map[string]any{"type": "error-reply", "request": hexOf(request)}, out, "")
}
