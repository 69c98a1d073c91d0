// A member of a memberlist cluster that is told what to do on standard input, one JSON object a line, and says what
// happens on standard output, one JSON object a line. It links the real library; each module file here pins a version.
package main

import (
	"sync"

	"github.com/hashicorp/memberlist"
	"hearsay.test/lines"
)

// peer is the process: the member and what its delegate answers with.
type peer struct {
	*lines.Voice
	list    *memberlist.Memberlist
	keyring *memberlist.Keyring

	mu         sync.Mutex
	meta       []byte
	localState []byte
	silence    chan struct{} // closed to end the chatter; nil while there is none

	gate       sync.Mutex // held while broadcasts are queued together
	broadcasts *memberlist.TransmitLimitedQueue
}

func main() {
	p := &peer{Voice: lines.NewVoice()}
	config, err := p.settings()
	if err != nil {
		lines.Fail(err)
	}
	p.keyring = config.Keyring
	list, err := memberlist.Create(config)
	if err != nil {
		lines.Fail(err)
	}
	p.list = list
	p.gate.Lock()
	p.broadcasts = &memberlist.TransmitLimitedQueue{NumNodes: list.NumMembers, RetransmitMult: config.RetransmitMult}
	p.gate.Unlock()
	p.Say(map[string]any{"event": "ready", "address": list.LocalNode().FullAddress().Addr})
	lines.Serve(p.Voice, p.do)
}
