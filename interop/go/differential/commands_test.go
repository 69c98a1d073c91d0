package memberlist

import (
	"fmt"
	"net"
	"testing/synctest"
	"time"
)

// How finely time is let pass between looks at what the member believes.
const diffLookEvery = 5 * time.Millisecond

// Longer than anything lasts that is compared.
const diffForever = 10000 * time.Hour

// diffCommand is one line from the harness. Byte fields travel as base64.
type diffCommand struct {
	Command  string   `json:"command"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Node     string   `json:"node"`
	Bytes    []byte   `json:"bytes"`
	ID       int      `json:"id"`
	Join     bool     `json:"join"`
	Reliable bool     `json:"reliable"`
	UntilMs  float64  `json:"untilMs"`
	Refused  []string `json:"refused"`
}

func (d *diffMember) do(c diffCommand) error {
	switch c.Command {
	case "packet":
		d.transport.packets <- &Packet{Buf: c.Bytes, From: diffAddress(c.From), Timestamp: time.Now()}
	case "stream":
		d.replies = append(d.replies, diffReply{Bytes: d.request(c.Bytes)})
	case "answer":
		return d.answer(c)
	case "refuse":
		d.transport.mu.Lock()
		defer d.transport.mu.Unlock()
		d.transport.refused = map[string]bool{}
		for _, address := range c.Refused {
			d.transport.refused[address] = true
		}
	case "exchange":
		go d.finish("exchange", func() error { return d.list.pushPullNode(Address{Addr: c.To}, c.Join) })
	case "gossip":
		d.list.gossip()
	case "ping":
		go d.finish("ping", func() error {
			_, err := d.list.Ping(c.Node, diffAddress(c.To))
			return err
		})
	case "updateMeta":
		d.mu.Lock()
		d.meta = c.Bytes
		d.mu.Unlock()
		go d.finish("updateMeta", func() error { return d.list.UpdateNode(diffForever) })
	case "leave":
		// A second one would wait for the first on a lock, which holds up the bubble.
		if d.list.hasLeft() {
			d.finish("leave", func() error { return nil })
			return nil
		}
		go d.finish("leave", func() error { return d.list.Leave(diffForever) })
	case "send":
		return d.send(c)
	case "wait":
		time.Sleep(time.Duration(c.UntilMs*1e6) - time.Since(d.began))
	case "advance":
		d.advance(c.UntilMs)
	case "look":
	default:
		return fmt.Errorf("unknown command %s", c.Command)
	}
	return nil
}

func (d *diffMember) finish(what string, work func() error) {
	err := work()
	event := map[string]any{"type": "finished", "what": what}
	if err != nil {
		event["error"] = err.Error()
	}
	d.say(event)
}

// diffReply is all that was read from such a stream.
type diffReply struct {
	Bytes []byte `json:"bytes"`
}

// request opens a stream to the member, writes a request and returns what comes back until nothing more does.
func (d *diffMember) request(bytes []byte) []byte {
	theirs, ours := net.Pipe()
	heard := diffListen(ours)
	d.transport.streams <- theirs
	go ours.Write(bytes)
	synctest.Wait()
	ours.Close()
	synctest.Wait()
	return heard.heard()
}

// answer writes into a stream that the member opened; empty bytes just end it.
func (d *diffMember) answer(c diffCommand) error {
	dial := d.transport.dials[c.ID]
	if dial == nil {
		return fmt.Errorf("no stream %d", c.ID)
	}
	delete(d.transport.dials, c.ID)
	go dial.conn.Write(c.Bytes)
	synctest.Wait()
	return dial.conn.Close()
}

func (d *diffMember) send(c diffCommand) error {
	for _, node := range d.list.Members() {
		if node.Name != c.Node {
			continue
		}
		if c.Reliable {
			go d.finish("send", func() error { return d.list.SendReliable(node, c.Bytes) })
			return nil
		}
		d.finish("send", func() error { return d.list.SendBestEffort(node, c.Bytes) })
		return nil
	}
	d.say(map[string]any{"type": "finished", "what": "send", "error": "not a member"})
	return nil
}

// advance lets time pass until the member sends something, or what it believes changes, or the time has come.
func (d *diffMember) advance(untilMs float64) {
	before := d.beliefs()
	for {
		left := time.Duration(untilMs*1e6) - time.Since(d.began)
		if left <= 0 {
			return
		}
		time.Sleep(min(left, diffLookEvery))
		synctest.Wait()
		if d.hasSaid() || d.beliefs() != before {
			return
		}
	}
}

// diffAddress is an address of the harness, as text.
type diffAddress string

func (a diffAddress) Network() string { return "differential" }
func (a diffAddress) String() string  { return string(a) }
