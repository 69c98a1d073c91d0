package main

import (
	"bytes"
	"net"
	"time"
)

// chatterMark begins a message that is only there to be carried: nobody is told of it.
var chatterMark = []byte("chatter:")

// chatterPacket is a user message as it is on the wire: its type, then its bytes. Neither compressed nor sent through the
// library, since thousands of them a second are to cost little.
var chatterPacket = append([]byte{8}, bytes.Join([][]byte{chatterMark, make([]byte, 56)}, nil)...)

// chat sends every other member so many packets a second, until it is told another number; 0 ends it.
func (p *peer) chat(perSecond int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silence != nil {
		close(p.silence)
		p.silence = nil
	}
	if perSecond <= 0 {
		return nil
	}
	socket, err := net.ListenUDP("udp", nil)
	if err != nil {
		return err
	}
	p.silence = make(chan struct{})
	go p.chatUntil(p.silence, socket, time.Second/time.Duration(perSecond))
	return nil
}

func (p *peer) chatUntil(silence <-chan struct{}, socket *net.UDPConn, interval time.Duration) {
	defer socket.Close()
	self := p.list.LocalNode().Name
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-silence:
			return
		case <-ticker.C:
			for _, node := range p.list.Members() {
				if node.Name != self {
					_, _ = socket.WriteToUDP(chatterPacket, &net.UDPAddr{IP: node.Addr, Port: int(node.Port)})
				}
			}
		}
	}
}

func isChatter(message []byte) bool { return bytes.HasPrefix(message, chatterMark) }
