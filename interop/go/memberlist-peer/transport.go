package main

import (
	"log"
	"net"

	"github.com/hashicorp/memberlist"
	"hearsay.test/lines"
)

// mapped advertises its IPv4 address in 16 bytes, as a member does that is bound to 0.0.0.0 and finds a private address:
// here without depending on the addresses of the machine.
type mapped struct{ *memberlist.NetTransport }

func (t mapped) FinalAdvertiseAddr(ip string, port int) (net.IP, int, error) {
	address, port, err := t.NetTransport.FinalAdvertiseAddr(ip, port)
	return address.To16(), port, err
}

// advertiseMapped gives the configuration the library's own transport, listening already, and the port it got.
func advertiseMapped(config *memberlist.Config, voice *lines.Voice) error {
	transport, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{
		BindAddrs: []string{config.BindAddr},
		BindPort:  config.BindPort,
		Logger:    log.New(voice, "", log.LstdFlags),
	})
	if err != nil {
		return err
	}
	config.Transport = mapped{transport}
	config.BindPort = transport.GetAutoBindPort()
	config.AdvertisePort = config.BindPort
	return nil
}
