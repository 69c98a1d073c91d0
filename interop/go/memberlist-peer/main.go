// A member of a memberlist cluster that is told what to do on standard input, one JSON object a line, and says what
// happens on standard output, one JSON object a line. It links the real library; the versions are pinned in go.mod.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// request is one line from the harness. Byte fields travel as base64.
type request struct {
	ID        int      `json:"id"`
	Command   string   `json:"command"`
	Addrs     []string `json:"addrs"`
	To        string   `json:"to"`
	Payload   []byte   `json:"payload"`
	TimeoutMs int      `json:"timeoutMs"`
}

// peer is the process: the member, and the one writer of lines.
type peer struct {
	mu         sync.Mutex
	out        *json.Encoder
	list       *memberlist.Memberlist
	meta       []byte
	localState []byte
	broadcasts *memberlist.TransmitLimitedQueue
}

func main() {
	name := flag.String("name", "go", "node name")
	label := flag.String("label", "", "cluster label")
	preset := flag.String("preset", "lan", "lan, wan or local")
	compression := flag.Bool("compression", true, "compress packets and streams")
	gossip := flag.Duration("gossip-interval", -1, "overrides the preset")
	probe := flag.Duration("probe-interval", -1, "overrides the preset")
	probeTimeout := flag.Duration("probe-timeout", -1, "overrides the preset")
	pushPull := flag.Duration("push-pull-interval", -1, "overrides the preset")
	meta := flag.String("meta", "", "initial metadata")
	flag.Parse()

	config := map[string]func() *memberlist.Config{
		"lan": memberlist.DefaultLANConfig, "wan": memberlist.DefaultWANConfig, "local": memberlist.DefaultLocalConfig,
	}[*preset]()
	p := &peer{out: json.NewEncoder(os.Stdout), meta: []byte(*meta)}
	config.Name, config.Label = *name, *label
	config.BindAddr, config.BindPort, config.AdvertisePort = "127.0.0.1", 0, 0
	config.EnableCompression = *compression
	override(&config.GossipInterval, *gossip)
	override(&config.ProbeInterval, *probe)
	override(&config.ProbeTimeout, *probeTimeout)
	override(&config.PushPullInterval, *pushPull)
	config.Delegate, config.Events, config.Conflict = p, p, p
	config.LogOutput = &logLines{p}

	list, err := memberlist.Create(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p.mu.Lock()
	p.list = list
	p.broadcasts = &memberlist.TransmitLimitedQueue{NumNodes: list.NumMembers, RetransmitMult: config.RetransmitMult}
	p.mu.Unlock()
	p.say(map[string]any{"event": "ready", "address": list.LocalNode().FullAddress().Addr})
	p.serve()
}

func override(target *time.Duration, value time.Duration) {
	if value >= 0 {
		*target = value
	}
}

func (p *peer) serve() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go p.answer(r)
	}
}

func (p *peer) answer(r request) {
	result, err := p.do(r)
	reply := map[string]any{"id": r.ID, "result": result}
	if err != nil {
		reply["error"] = err.Error()
	}
	p.say(reply)
}

func (p *peer) do(r request) (any, error) {
	timeout := time.Duration(r.TimeoutMs) * time.Millisecond
	switch r.Command {
	case "join":
		return p.list.Join(r.Addrs)
	case "members":
		members := []map[string]any{}
		for _, node := range p.list.Members() {
			members = append(members, map[string]any{"name": node.Name, "address": node.FullAddress().Addr, "meta": node.Meta})
		}
		return members, nil
	case "updateMeta":
		p.mu.Lock()
		p.meta = r.Payload
		p.mu.Unlock()
		return nil, p.list.UpdateNode(timeout)
	case "sendBestEffort", "sendReliable":
		for _, node := range p.list.Members() {
			if node.Name == r.To {
				if r.Command == "sendReliable" {
					return nil, p.list.SendReliable(node, r.Payload)
				}
				return nil, p.list.SendBestEffort(node, r.Payload)
			}
		}
		return nil, fmt.Errorf("no member is called %s", r.To)
	case "broadcast":
		p.broadcasts.QueueBroadcast(plain(r.Payload))
		return nil, nil
	case "setLocalState":
		p.mu.Lock()
		p.localState = r.Payload
		p.mu.Unlock()
		return nil, nil
	case "health":
		return p.list.GetHealthScore(), nil
	case "leave":
		return nil, p.list.Leave(timeout)
	case "shutdown":
		return nil, p.list.Shutdown()
	}
	return nil, fmt.Errorf("unknown command %s", r.Command)
}

func (p *peer) say(line map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.out.Encode(line); err != nil {
		os.Exit(1)
	}
}

func describe(event string, node *memberlist.Node) map[string]any {
	return map[string]any{"event": event, "name": node.Name, "address": node.FullAddress().Addr, "meta": append([]byte{}, node.Meta...)}
}

// The delegate and the event hooks.

func (p *peer) NodeMeta(int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.meta
}

func (p *peer) NotifyMsg(message []byte) {
	p.say(map[string]any{"event": "message", "payload": append([]byte{}, message...)})
}

func (p *peer) GetBroadcasts(overhead, limit int) [][]byte {
	p.mu.Lock()
	queue := p.broadcasts
	p.mu.Unlock()
	if queue == nil {
		return nil
	}
	return queue.GetBroadcasts(overhead, limit)
}

func (p *peer) LocalState(bool) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.localState
}

func (p *peer) MergeRemoteState(state []byte, join bool) {
	p.say(map[string]any{"event": "remoteState", "payload": append([]byte{}, state...), "join": join})
}

func (p *peer) NotifyJoin(node *memberlist.Node)   { p.say(describe("join", node)) }
func (p *peer) NotifyLeave(node *memberlist.Node)  { p.say(describe("leave", node)) }
func (p *peer) NotifyUpdate(node *memberlist.Node) { p.say(describe("update", node)) }

func (p *peer) NotifyConflict(existing, other *memberlist.Node) {
	p.say(map[string]any{"event": "conflict", "name": existing.Name, "address": other.FullAddress().Addr})
}

type plain []byte

func (b plain) Invalidates(memberlist.Broadcast) bool { return false }
func (b plain) Message() []byte                       { return b }
func (b plain) Finished()                             {}

// logLines turns the library's log into events, so that a test can ask whether it complained.
type logLines struct{ peer *peer }

func (l *logLines) Write(text []byte) (int, error) {
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		l.peer.say(map[string]any{"event": "log", "line": string(line)})
	}
	return len(text), nil
}
