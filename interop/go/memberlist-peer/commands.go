package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hashicorp/memberlist"
)

// request is one line from the harness. Byte fields travel as base64.
type request struct {
	Command   string   `json:"command"`
	Addrs     []string `json:"addrs"`
	To        string   `json:"to"`
	Payload   []byte   `json:"payload"`
	SizeBytes int      `json:"sizeBytes"`
	Count     int      `json:"count"`
	PerSecond int      `json:"perSecond"`
	Key       string   `json:"key"`
	TimeoutMs int      `json:"timeoutMs"`
}

func (p *peer) do(r request) (any, error) {
	timeout := time.Duration(r.TimeoutMs) * time.Millisecond
	switch r.Command {
	case "join":
		return p.list.Join(r.Addrs)
	case "members":
		return p.members(), nil
	case "states":
		return p.states(), nil
	case "chatter":
		return nil, p.chat(r.PerSecond)
	case "health":
		return p.list.GetHealthScore(), nil
	case "updateMeta":
		p.mu.Lock()
		p.meta = r.Payload
		p.mu.Unlock()
		return nil, p.list.UpdateNode(timeout)
	case "setLocalState":
		p.mu.Lock()
		p.localState = r.Payload
		p.mu.Unlock()
		return nil, nil
	case "sendBestEffort", "sendReliable":
		return p.send(r)
	case "broadcast":
		p.broadcasts.QueueBroadcast(plain(r.Payload))
		return nil, nil
	case "sendMany":
		return nil, p.sendMany(r.Count)
	case "keyringAdd", "keyringUse", "keyringRemove", "keyringList":
		return p.changeKeyring(r)
	case "leave":
		return nil, p.list.Leave(timeout)
	case "shutdown":
		return nil, p.list.Shutdown()
	}
	return nil, fmt.Errorf("unknown command %s", r.Command)
}

// members lists those that are alive or suspected: the library does not tell these apart, nor who is gone.
func (p *peer) members() []map[string]any {
	members := []map[string]any{}
	for _, node := range p.list.Members() {
		member := describe(node)
		member["addressBytes"] = []byte(node.Addr)
		member["protocol"] = []uint8{node.PMin, node.PMax, node.PCur}
		members = append(members, member)
	}
	return members
}

// send sends the payload to one member, or one of sizeBytes made here; the answer is what receivers say of large ones.
func (p *peer) send(r request) (any, error) {
	payload := r.Payload
	if r.SizeBytes > 0 {
		payload = sample(r.SizeBytes)
	}
	for _, node := range p.list.Members() {
		if node.Name != r.To {
			continue
		}
		if r.Command == "sendReliable" {
			return digest(payload), p.list.SendReliable(node, payload)
		}
		return digest(payload), p.list.SendBestEffort(node, payload)
	}
	return nil, fmt.Errorf("no member is called %s", r.To)
}

// sample is bytes of which no two stretches are alike.
func sample(sizeBytes int) []byte {
	bytes := make([]byte, sizeBytes)
	x := uint32(1)
	for i := range bytes {
		x = x*1664525 + 1013904223
		bytes[i] = byte(x >> 24)
	}
	return bytes
}

// sendMany queues broadcasts of two bytes each, numbered from 0, at once.
func (p *peer) sendMany(count int) error {
	if count > 1<<16 {
		return fmt.Errorf("%d do not fit in two bytes", count)
	}
	// Held, so that no packet is filled before all of them wait.
	p.gate.Lock()
	defer p.gate.Unlock()
	for i := range count {
		p.broadcasts.QueueBroadcast(plain(binary.BigEndian.AppendUint16(nil, uint16(i))))
	}
	return nil
}

func (p *peer) changeKeyring(r request) (any, error) {
	key, err := hex.DecodeString(r.Key)
	if err != nil {
		return nil, err
	}
	switch r.Command {
	case "keyringAdd":
		err = p.keyring.AddKey(key)
	case "keyringUse":
		err = p.keyring.UseKey(key)
	case "keyringRemove":
		err = p.keyring.RemoveKey(key)
	}
	keys := []string{}
	for _, each := range p.keyring.GetKeys() {
		keys = append(keys, hex.EncodeToString(each))
	}
	return keys, err
}

type plain []byte

func (b plain) Invalidates(memberlist.Broadcast) bool { return false }
func (b plain) Message() []byte                       { return b }
func (b plain) Finished()                             {}
