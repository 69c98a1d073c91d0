package memberlist

import (
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"
)

// diffSettings is how a member is made. Durations in milliseconds; zero leaves what the preset for a LAN has.
type diffSettings struct {
	Name        string `json:"name"`
	Address     []byte `json:"address"`
	Port        int    `json:"port"`
	Meta        []byte `json:"meta"`
	LocalState  []byte `json:"localState"`
	AckPayload  []byte `json:"ackPayload"`
	RunsLoops   bool   `json:"runsLoops"`
	HasHooks    bool   `json:"hasHooks"`
	RefuseAlive string `json:"refuseAlive"` // a name that the alive hook refuses
	RefuseMerge string `json:"refuseMerge"` // a name with which the merge hook refuses everything

	ProbeIntervalMs    int      `json:"probeIntervalMs"`
	ProbeTimeoutMs     int      `json:"probeTimeoutMs"`
	GossipIntervalMs   int      `json:"gossipIntervalMs"`
	GossipNodes        int      `json:"gossipNodes"`
	GossipToTheDeadMs  int      `json:"gossipToTheDeadMs"`
	PushPullIntervalMs int      `json:"pushPullIntervalMs"`
	DeadNodeReclaimMs  int      `json:"deadNodeReclaimMs"`
	AwarenessMax       int      `json:"awarenessMax"`
	PacketBytes        int      `json:"packetBytes"`
	TurnsOffLoops      []string `json:"turnsOffLoops"` // gossip, pushPull
}

// diffMember is the member under test, and everything it said since it was last asked.
type diffMember struct {
	settings  diffSettings
	list      *Memberlist
	transport *diffTransport
	began     time.Time

	mu      sync.Mutex
	events  []map[string]any
	log     []string
	replies []diffReply
	meta    []byte
}

func diffStart(settings diffSettings) (*diffMember, error) {
	d := &diffMember{settings: settings, began: time.Now(), meta: settings.Meta}
	d.transport = diffNewTransport(net.IP(settings.Address), settings.Port, d.now)
	list, err := newMemberlist(d.config())
	if err != nil {
		return nil, err
	}
	d.list = list
	if err := list.setAlive(); err != nil {
		return nil, err
	}
	if settings.RunsLoops {
		list.schedule()
	}
	synctest.Wait()
	return d, nil
}

func (d *diffMember) config() *Config {
	s := d.settings
	c := DefaultLANConfig()
	c.Name, c.Transport = s.Name, d.transport
	c.BindPort, c.AdvertisePort = s.Port, s.Port
	c.EnableCompression = false
	c.Logger = log.New(diffLog{d}, "", 0)
	c.Delegate, c.Events, c.Conflict = d, d, d
	if s.HasHooks {
		c.Alive, c.Merge, c.Ping = d, d, d
	}
	for target, ms := range map[*time.Duration]int{
		&c.ProbeInterval: s.ProbeIntervalMs, &c.ProbeTimeout: s.ProbeTimeoutMs,
		&c.GossipInterval: s.GossipIntervalMs, &c.GossipToTheDeadTime: s.GossipToTheDeadMs,
		&c.PushPullInterval: s.PushPullIntervalMs, &c.DeadNodeReclaimTime: s.DeadNodeReclaimMs,
	} {
		if ms > 0 {
			*target = time.Duration(ms) * time.Millisecond
		}
	}
	for target, value := range map[*int]int{
		&c.GossipNodes: s.GossipNodes, &c.AwarenessMaxMultiplier: s.AwarenessMax,
		&c.UDPBufferSize: s.PacketBytes,
	} {
		if value > 0 {
			*target = value
		}
	}
	if slices.Contains(s.TurnsOffLoops, "pushPull") {
		c.PushPullInterval = 0
	}
	if slices.Contains(s.TurnsOffLoops, "gossip") {
		c.GossipInterval = 0
	}
	return c
}

func (d *diffMember) stop() {
	d.list.Shutdown()
	for _, dial := range d.transport.dials {
		dial.conn.Close()
	}
	// Time stands still once the bubble's first goroutine has ended: whoever waits for a timer does so before.
	time.Sleep(2 * diffForever)
	synctest.Wait()
}

func (d *diffMember) now() float64 { return float64(time.Since(d.began).Nanoseconds()) / 1e6 }

func (d *diffMember) say(event map[string]any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	event["atMs"] = d.now()
	d.events = append(d.events, event)
}

// The library's hooks.

func (d *diffMember) NodeMeta(int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.meta
}

func (d *diffMember) NotifyMsg(message []byte) {
	d.say(map[string]any{"type": "message", "payload": append([]byte{}, message...)})
}
func (d *diffMember) GetBroadcasts(int, int) [][]byte { return nil }
func (d *diffMember) LocalState(bool) []byte          { return d.settings.LocalState }
func (d *diffMember) MergeRemoteState(state []byte, join bool) {
	d.say(map[string]any{"type": "state", "payload": append([]byte{}, state...), "join": join})
}

func (d *diffMember) NotifyJoin(n *Node)   { d.tell("join", n) }
func (d *diffMember) NotifyLeave(n *Node)  { d.tell("leave", n) }
func (d *diffMember) NotifyUpdate(n *Node) { d.tell("update", n) }
func (d *diffMember) NotifyConflict(existing, other *Node) {
	d.say(map[string]any{"type": "conflict", "name": []byte(existing.Name), "claimedBy": other.Address()})
}

func (d *diffMember) tell(event string, n *Node) {
	d.say(map[string]any{"type": event, "name": []byte(n.Name), "address": n.Address(), "meta": append([]byte{}, n.Meta...)})
}

func (d *diffMember) NotifyAlive(n *Node) error {
	if n.Name == d.settings.RefuseAlive {
		return errors.New("refused by the hook")
	}
	return nil
}

func (d *diffMember) NotifyMerge(nodes []*Node) error {
	for _, n := range nodes {
		if n.Name == d.settings.RefuseMerge {
			return errors.New("refused by the hook")
		}
	}
	return nil
}

func (d *diffMember) AckPayload() []byte { return d.settings.AckPayload }
func (d *diffMember) NotifyPingComplete(n *Node, rtt time.Duration, payload []byte) {
	d.say(map[string]any{"type": "ping-complete", "name": []byte(n.Name), "rttMs": float64(rtt.Nanoseconds()) / 1e6,
		"payload": append([]byte{}, payload...)})
}

// diffLog keeps the library's log, for whoever reads why the two differ.
type diffLog struct{ d *diffMember }

func (l diffLog) Write(text []byte) (int, error) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.log = append(l.d.log, strings.TrimSpace(string(text)))
	return len(text), nil
}

var _ io.Writer = diffLog{}
