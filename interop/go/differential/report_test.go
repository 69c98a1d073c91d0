package memberlist

import (
	"github.com/google/btree"
)

// diffTold answers every command: all that happened since the last one, and what the member believes now.
type diffTold struct {
	NowMs      float64          `json:"nowMs"`
	Packets    []diffPacket     `json:"packets"`
	Dials      []diffHeard      `json:"dials"`
	Replies    []diffReply      `json:"replies"`
	Events     []map[string]any `json:"events"`
	Records    []diffRecord     `json:"records"`
	State      []byte           `json:"state"`
	Health     int              `json:"health"`
	Lost       [][]byte         `json:"lost"`
	Renumbered bool             `json:"renumbered"`
	Log        []string         `json:"log"`
}

// diffHeard is a stream that the member opened since the last answer.
type diffHeard struct {
	ID      int     `json:"id"`
	AtMs    float64 `json:"atMs"`
	To      string  `json:"to"`
	Refused bool    `json:"refused"`
	Bytes   []byte  `json:"bytes"`
}

// diffRecord is what the member believes of one name.
type diffRecord struct {
	Name        []byte `json:"name"`
	State       int    `json:"state"`
	Incarnation uint32 `json:"incarnation"`
}

func (d *diffMember) told() diffTold {
	state := d.look()
	t := d.transport
	t.mu.Lock()
	told := diffTold{NowMs: d.now(), Packets: t.sent, Replies: d.replies, State: state, Health: d.list.GetHealthScore()}
	fresh := t.fresh
	t.sent, t.fresh = nil, nil
	t.mu.Unlock()
	for _, dial := range fresh {
		heard := diffHeard{ID: dial.id, AtMs: dial.atMs, To: dial.to, Refused: dial.refused}
		if !dial.refused {
			heard.Bytes = dial.heard.heard()
		}
		told.Dials = append(told.Dials, heard)
	}
	d.mu.Lock()
	told.Events, told.Log = d.events, d.log
	d.events, d.log, d.replies = nil, nil, nil
	d.mu.Unlock()
	told.Lost, told.Renumbered = d.queue()
	d.list.nodeLock.RLock()
	defer d.list.nodeLock.RUnlock()
	for _, node := range d.list.nodes {
		told.Records = append(told.Records, diffRecord{[]byte(node.Name), int(node.State), node.Incarnation})
	}
	return told
}

// look exchanges states with the member as somebody who knows nothing: a request of a push/pull without entries.
func (d *diffMember) look() []byte {
	if d.settings.RunsLoops {
		return nil
	}
	d.mu.Lock()
	log := d.log
	d.mu.Unlock()
	header, err := encode(pushPullMsg, &pushPullHeader{}, false)
	if err != nil {
		panic(err)
	}
	state := d.request(header.Bytes())
	// It is no part of what happened.
	d.mu.Lock()
	d.log = log
	d.mu.Unlock()
	return state
}

// hasSaid is whether there is something to tell.
func (d *diffMember) hasSaid() bool {
	d.transport.mu.Lock()
	defer d.transport.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.transport.sent)+len(d.transport.fresh)+len(d.events) > 0
}

// beliefs is a number that changes when the member's view of anybody, or its health, does. It is asked for thousands of
// times in a script.
func (d *diffMember) beliefs() uint64 {
	d.list.nodeLock.RLock()
	defer d.list.nodeLock.RUnlock()
	sum := uint64(d.list.GetHealthScore())
	for _, node := range d.list.nodes {
		// The order of nodes is no belief: their numbers are added up.
		one := uint64(node.Incarnation)<<2 | uint64(node.State)
		for _, letter := range []byte(node.Name) {
			one = (one ^ uint64(letter)) * 1099511628211
		}
		sum += one * 0x9e3779b97f4a7c15
	}
	return sum
}

// queue says what it should hold, by key, and does not; and whether it numbers new items below older ones.
func (d *diffMember) queue() (lost [][]byte, renumbered bool) {
	q := d.list.broadcasts
	q.mu.Lock()
	defer q.mu.Unlock()
	queued := map[*limitedBroadcast]bool{}
	if q.tq != nil {
		q.tq.Ascend(func(item btree.Item) bool {
			queued[item.(*limitedBroadcast)] = true
			renumbered = renumbered || item.(*limitedBroadcast).id > q.idGen
			return true
		})
	}
	for key, item := range q.tm {
		if !queued[item] {
			lost = append(lost, []byte(key))
		}
	}
	return lost, renumbered
}
