package main

import (
	"encoding/hex"
	"flag"
	"strings"
	"time"

	"github.com/hashicorp/memberlist"
)

// unset leaves a number or a duration as the preset has it.
const unset = -1

// settings makes the library's configuration from the command line. Nothing but what a flag names departs from the
// preset, except that a peer listens on loopback, on a free port.
func (p *peer) settings() (*memberlist.Config, error) {
	preset := flag.String("preset", "lan", "lan, wan or local")
	name := flag.String("name", "go", "node name")
	meta := flag.String("meta", "", "initial metadata")
	bind := flag.String("bind", "127.0.0.1", "IP address to listen on")
	bindPort := flag.Int("bind-port", 0, "port to listen on; 0: a free one")
	advertise := flag.String("advertise", "", "IP address peers are told; empty: the bound one")
	mappedForm := flag.Bool("advertise-mapped", false, "advertise IPv4 in its 16-byte form")
	label := flag.String("label", "", "cluster label")
	skipLabelCheck := flag.Bool("skip-inbound-label-check", false, "do not check labels of what comes in")
	compression := flag.Bool("compression", true, "compress packets and streams")
	protocol := flag.Int("protocol", unset, "protocol version, 1 to 5")
	secretKeys := flag.String("secret-keys", "", "keys in hex, separated by commas, the primary one first")
	verifyIncoming := flag.Bool("verify-incoming", true, "refuse plaintext once there are keys")
	verifyOutgoing := flag.Bool("verify-outgoing", true, "encrypt what goes out once there are keys")
	cidrs := flag.String("cidrs", "", "networks members may be in, separated by commas; empty: any")
	udpBufferSize := flag.Int("udp-buffer-size", unset, "packet budget in bytes")
	handoff := flag.Int("handoff", unset, "messages that may wait to be handled")
	disableTCPPings := flag.Bool("disable-tcp-pings", false, "no fallback to a ping over a stream")
	gossip := flag.Duration("gossip-interval", unset, "overrides the preset")
	probe := flag.Duration("probe-interval", unset, "overrides the preset")
	probeTimeout := flag.Duration("probe-timeout", unset, "overrides the preset")
	pushPull := flag.Duration("push-pull-interval", unset, "overrides the preset")
	tcpTimeout := flag.Duration("tcp-timeout", unset, "overrides the preset")
	flag.Parse()

	config := map[string]func() *memberlist.Config{
		"lan": memberlist.DefaultLANConfig, "wan": memberlist.DefaultWANConfig, "local": memberlist.DefaultLocalConfig,
	}[*preset]()
	config.Name, config.Label, config.SkipInboundLabelCheck = *name, *label, *skipLabelCheck
	config.BindAddr, config.BindPort = *bind, *bindPort
	config.AdvertiseAddr, config.AdvertisePort = *advertise, *bindPort
	config.EnableCompression = *compression
	config.GossipVerifyIncoming, config.GossipVerifyOutgoing = *verifyIncoming, *verifyOutgoing
	config.DisableTcpPings = *disableTCPPings
	if *protocol != unset {
		config.ProtocolVersion = uint8(*protocol)
	}
	override(&config.UDPBufferSize, *udpBufferSize)
	override(&config.HandoffQueueDepth, *handoff)
	override(&config.GossipInterval, *gossip)
	override(&config.ProbeInterval, *probe)
	override(&config.ProbeTimeout, *probeTimeout)
	override(&config.PushPullInterval, *pushPull)
	override(&config.TCPTimeout, *tcpTimeout)
	config.Delegate, config.Events, config.Conflict = p, p, p
	config.LogOutput = p.Voice
	p.meta = []byte(*meta)

	var err error
	if config.Keyring, err = keyringOf(*secretKeys); err != nil {
		return nil, err
	}
	if *cidrs != "" {
		if config.CIDRsAllowed, err = memberlist.ParseCIDRs(strings.Split(*cidrs, ",")); err != nil {
			return nil, err
		}
	}
	if *mappedForm {
		err = advertiseMapped(config, p.Voice)
	}
	return config, err
}

func override[T int | time.Duration](target *T, value T) {
	if value >= 0 {
		*target = value
	}
}

// keyringOf is a ring even when there are no keys: one that is empty turns encryption off until a key is added.
func keyringOf(text string) (*memberlist.Keyring, error) {
	if text == "" {
		return memberlist.NewKeyring(nil, nil)
	}
	var keys [][]byte
	for _, digits := range strings.Split(text, ",") {
		key, err := hex.DecodeString(digits)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return memberlist.NewKeyring(keys, keys[0])
}
