// A whole member as a process of its own. It answers lines, as src/processes/node.ts does:
//
//	start flood|idle plain|encrypted   a member on loopback; its port
//	read                               CPU nanoseconds, packets of 16 alives handled, members, broadcasts that wait
//	memory OTHERS                      heap bytes of a member without network that knows so many others
package memberlist

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
)

// Counts what was handled.
type aliveCounter struct{ seen atomic.Int64 }

func (c *aliveCounter) NotifyAlive(*Node) error { c.seen.Add(1); return nil }

func TestServeNode(t *testing.T) {
	lines := bufio.NewScanner(os.Stdin)
	counter := &aliveCounter{}
	var m *Memberlist
	known := 0
	for lines.Scan() {
		var what, kind, encryption string
		fmt.Sscan(lines.Text(), &what, &kind, &encryption)
		switch what {
		case "start":
			m = startNode(t, kind, encryption, counter)
			fmt.Println(m.config.BindPort)
		case "read":
			fmt.Println(cpuTime().Nanoseconds(), counter.seen.Load()/16, m.NumMembers(), m.broadcasts.NumQueued())
		case "memory":
			var others int
			fmt.Sscan(kind, &others)
			if m == nil {
				m = benchMemberlist(0, nil)
			}
			for ; known < others; known++ {
				m.aliveNode(benchMemberWithMeta(t, known), nil, false)
			}
			m.broadcasts.Reset()
			fmt.Println(heapBytes())
		}
	}
	runtime.KeepAlive(m)
}

func startNode(t *testing.T, kind, encryption string, counter *aliveCounter) *Memberlist {
	config := DefaultLANConfig()
	config.Name, config.Label, config.LogOutput = benchSelf, benchLabel, io.Discard
	config.BindAddr, config.BindPort, config.AdvertisePort = "127.0.0.1", 0, 0
	config.PushPullInterval = 0
	if encryption == "encrypted" {
		config.SecretKey = benchKey
	}
	if kind == "flood" {
		config.ProbeInterval, config.GossipInterval = 0, 0
		config.Alive = counter
	} else {
		// What 1000 members are told of is told in a second, not in a minute.
		config.UDPBufferSize = 60_000
	}
	m, err := Create(config)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A claim with a name of 24 bytes and metadata of 64, as it comes off the network.
func benchMemberWithMeta(t *testing.T, index int) *alive {
	message := benchMember(index)
	message.Node = fmt.Sprintf("member-24-byte-%09d", index)
	message.Meta = benchMeta(64)
	buf, err := encode(aliveMsg, message, false)
	if err != nil {
		t.Fatal(err)
	}
	decoded := new(alive)
	if err := decode(buf.Bytes()[1:], decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func heapBytes() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
