// Members that do what they are told, on the caller's goroutine and on no network.
package memberlist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

const benchSelf, benchLabel = "member-27-bytes-long-name-0", "cluster-a"

var benchKey = []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}
var benchFrom = &net.UDPAddr{IP: net.IP{10, 0, 0, 1}, Port: 7946}

var benchMembership = map[string]func(words []string, input []byte) *task{
	"ingest": ingestTask, "transition": transitionTask, "queue": queueTask, "pick": pickTask,
	"state-out": stateOutTask, "state-in": stateInTask,
}

// A transport without a network.
type idleTransport struct{}

func (idleTransport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return net.IP{10, 255, 0, 1}, 7946, nil
}
func (idleTransport) WriteTo([]byte, string) (time.Time, error) { return time.Time{}, nil }
func (idleTransport) PacketCh() <-chan *Packet                  { return nil }
func (idleTransport) StreamCh() <-chan net.Conn                 { return nil }
func (idleTransport) Shutdown() error                           { return nil }
func (idleTransport) DialTimeout(string, time.Duration) (net.Conn, error) {
	return nil, errors.New("there is no network")
}

// A member that knows so many others, with none of its goroutines left.
func benchMemberlist(others int, key []byte) *Memberlist {
	config := DefaultLANConfig()
	config.Name, config.Label, config.SecretKey = benchSelf, benchLabel, key
	config.Transport, config.LogOutput = idleTransport{}, io.Discard
	// Suspicions outlast the run.
	config.ProbeInterval = time.Hour
	m, err := newMemberlist(config)
	if err != nil {
		panic(err)
	}
	close(m.shutdownCh)
	if err := m.setAlive(); err != nil {
		panic(err)
	}
	for index := range others {
		m.aliveNode(benchMember(index), nil, false)
	}
	return m
}

// What a member believes, a line for each name.
func benchView(m *Memberlist) []byte {
	lines := make([]string, len(m.nodes))
	for at, node := range m.nodes {
		lines[at] = fmt.Sprintf("%s %d %d %x\n", node.Name, node.Incarnation, node.State, node.Meta)
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, ""))
}

// Handles what was put into the queues, as the packet handler would on its goroutine.
func handleQueued(m *Memberlist) {
	for {
		message, ok := m.getNextMessage()
		if !ok {
			return
		}
		if message.msgType != aliveMsg {
			panic("only alives are expected")
		}
		m.handleAlive(message.buf, message.from)
	}
}

// "ingest/known|new/OTHERS/plain|encrypted": packets of 16 alives, one behind the other, each after its length.
func ingestTask(words []string, input []byte) *task {
	others, _ := strconv.Atoi(words[1])
	var key []byte
	if words[2] == "encrypted" {
		key = benchKey
	}
	packets, turn := benchPackets(input), 0
	m := benchMemberlist(others, key)
	made := &task{result: func() []byte { return benchView(m) }}
	made.work = func() ([]byte, error) {
		m.ingestPacket(packets[turn], benchFrom, time.Now())
		handleQueued(m)
		turn = (turn + 1) % len(packets)
		return nil, nil
	}
	if words[0] == "new" {
		made.every = len(packets)
		made.renew = func() { m, turn = benchMemberlist(others, key), 0 }
	}
	return made
}

func benchPackets(input []byte) (packets [][]byte) {
	for len(input) > 0 {
		length := int(input[0])<<8 | int(input[1])
		packets, input = append(packets, input[2:2+length]), input[2+length:]
	}
	return packets
}

// "transition/KIND/OTHERS": a claim about the next member, or, to be refuted, about the member itself.
func transitionTask(words []string, _ []byte) *task {
	others, _ := strconv.Atoi(words[1])
	m, alives, turn := benchMemberlist(others, nil), make([]*alive, others), 0
	for index := range alives {
		alives[index] = benchMember(index)
	}
	next := func() *alive {
		turn = (turn + 1) % others
		return alives[turn]
	}
	made := &task{result: func() []byte { return benchView(m) }}
	if words[0] == "suspect" || words[0] == "dead" {
		made.every = others
		made.renew = func() {
			for _, timer := range m.nodeTimers {
				timer.timer.Stop()
			}
			for _, each := range alives {
				each.Incarnation++
				m.aliveNode(each, nil, false)
			}
		}
	}
	made.work = map[string]func() ([]byte, error){
		"alive": func() ([]byte, error) {
			each := next()
			each.Incarnation++
			m.aliveNode(each, nil, false)
			return nil, nil
		},
		"suspect": func() ([]byte, error) {
			each := next()
			m.suspectNode(&suspect{Incarnation: each.Incarnation, Node: each.Node, From: benchOther})
			return nil, nil
		},
		"dead": func() ([]byte, error) {
			each := next()
			m.deadNode(&dead{Incarnation: each.Incarnation, Node: each.Node, From: benchOther})
			return nil, nil
		},
		"refute": func() ([]byte, error) {
			m.suspectNode(&suspect{Incarnation: m.incarnation.Load(), Node: benchSelf, From: benchOther})
			return nil, nil
		},
	}[words[0]]
	return made
}

// "pick/OTHERS/PERCENT": three members that are alive, where so many are dead.
func pickTask(words []string, _ []byte) *task {
	others, _ := strconv.Atoi(words[0])
	percent, _ := strconv.Atoi(words[1])
	m := benchMemberlist(others, nil)
	for index := range others {
		if each := benchMember(index); index%100 < percent {
			m.deadNode(&dead{Incarnation: each.Incarnation, Node: each.Node, From: benchOther})
		}
	}
	var picked []Node
	return &task{
		work: func() ([]byte, error) {
			picked = kRandomNodes(3, m.nodes, func(n *nodeState) bool { return n.Name == benchSelf || n.State != StateAlive })
			return nil, nil
		},
		result: func() []byte { return []byte(strconv.Itoa(len(picked))) },
	}
}

// A connection that has brought all it will, and takes whatever is written.
type benchConn struct {
	net.Conn
	in  *bytes.Reader
	out *bytes.Buffer
}

func (c *benchConn) Read(into []byte) (int, error) { return c.in.Read(into) }
func (c *benchConn) SetDeadline(time.Time) error   { return nil }
func (c *benchConn) RemoteAddr() net.Addr          { return benchFrom }
func (c *benchConn) Write(written []byte) (int, error) {
	if c.out != nil {
		return c.out.Write(written)
	}
	return len(written), nil
}

// "state-out/OTHERS": the own state, made and written, compressed.
func stateOutTask(words []string, _ []byte) *task {
	others, _ := strconv.Atoi(words[0])
	m, conn := benchMemberlist(others, nil), &benchConn{}
	return &task{
		work: func() ([]byte, error) { return nil, m.sendLocalState(conn, false, benchLabel) },
		result: func() []byte {
			all := &benchConn{out: new(bytes.Buffer)}
			if err := m.sendLocalState(all, false, benchLabel); err != nil {
				panic(err)
			}
			return all.out.Bytes()
		},
	}
}

// "state-in/OTHERS/PERCENT": another's state, read and merged.
func stateInTask(words []string, input []byte) *task {
	others, _ := strconv.Atoi(words[0])
	m := benchMemberlist(others, nil)
	made := &task{result: func() []byte { return benchView(m) }}
	made.work = func() ([]byte, error) {
		kind, stream, decoder, err := m.readStream(&benchConn{in: bytes.NewReader(input)}, benchLabel)
		if err != nil || kind != pushPullMsg {
			return nil, fmt.Errorf("no push/pull: %v", err)
		}
		join, nodes, userState, err := m.readRemoteState(stream, decoder)
		if err != nil {
			return nil, err
		}
		return nil, m.mergeRemoteState(join, nodes, userState)
	}
	if words[1] != "0" {
		made.every = 1
		made.renew = func() { m = benchMemberlist(others, nil) }
	}
	return made
}
