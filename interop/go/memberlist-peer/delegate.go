package main

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/hashicorp/memberlist"
)

// maxEchoBytes is up to where a message is told whole; of a larger one, its size and digest are.
const maxEchoBytes = 64 << 10

func (p *peer) NodeMeta(int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.meta
}

func (p *peer) NotifyMsg(message []byte) {
	if isChatter(message) {
		return
	}
	told := digest(message)
	told["event"] = "message"
	if len(message) <= maxEchoBytes {
		told["payload"] = append([]byte{}, message...)
	}
	p.Say(told)
}

func (p *peer) GetBroadcasts(overhead, limit int) [][]byte {
	p.gate.Lock()
	defer p.gate.Unlock()
	if p.broadcasts == nil {
		return nil
	}
	return p.broadcasts.GetBroadcasts(overhead, limit)
}

func (p *peer) LocalState(bool) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.localState
}

func (p *peer) MergeRemoteState(state []byte, join bool) {
	p.Say(map[string]any{"event": "remoteState", "payload": append([]byte{}, state...), "join": join})
}

func (p *peer) NotifyJoin(node *memberlist.Node)   { p.tell("join", node) }
func (p *peer) NotifyLeave(node *memberlist.Node)  { p.tell("leave", node) }
func (p *peer) NotifyUpdate(node *memberlist.Node) { p.tell("update", node) }

func (p *peer) NotifyConflict(existing, other *memberlist.Node) {
	p.Say(map[string]any{"event": "conflict", "name": existing.Name, "address": other.FullAddress().Addr})
}

func (p *peer) tell(event string, node *memberlist.Node) {
	told := describe(node)
	told["event"] = event
	p.Say(told)
}

func describe(node *memberlist.Node) map[string]any {
	return map[string]any{"name": node.Name, "address": node.FullAddress().Addr, "meta": append([]byte{}, node.Meta...)}
}

func digest(bytes []byte) map[string]any {
	sum := sha256.Sum256(bytes)
	return map[string]any{"sizeBytes": len(bytes), "sha256": hex.EncodeToString(sum[:])}
}
