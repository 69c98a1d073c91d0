// A dskit key-value store with a hash ring over dskit's own TCP transport, told what to do on standard input, one JSON
// object a line; it answers and reports on standard output, one JSON object a line. The real library, pinned in go.mod.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/grafana/dskit/flagext"
	"github.com/grafana/dskit/kv/codec"
	"github.com/grafana/dskit/kv/memberlist"
	"github.com/grafana/dskit/ring"
	"github.com/grafana/dskit/services"
	"github.com/prometheus/client_golang/prometheus"
	"hearsay.test/lines"
)

// request is one line from the harness.
type request struct {
	Command  string   `json:"command"`
	Key      string   `json:"key"`
	Instance string   `json:"instance"`
	Addr     string   `json:"addr"`
	Zone     string   `json:"zone"`
	State    string   `json:"state"`
	Tokens   []uint32 `json:"tokens"`
	Names    []string `json:"names"`
	Addrs    []string `json:"addrs"`
}

// instance is one entry of a ring, as the harness reads it.
type instance struct {
	Addr      string   `json:"addr"`
	Timestamp int64    `json:"timestamp"`
	State     string   `json:"state"`
	Tokens    []uint32 `json:"tokens"`
	Zone      string   `json:"zone"`
}

type peer struct {
	*lines.Voice
	kv       *memberlist.KV
	client   *memberlist.Client
	registry *prometheus.Registry
}

func main() {
	p := &peer{Voice: lines.NewVoice(), registry: prometheus.NewRegistry()}
	var config memberlist.KVConfig
	flags := flag.NewFlagSet("dskit-peer", flag.ExitOnError)
	config.RegisterFlags(flags)
	if err := flags.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	if len(config.TCPTransport.BindAddrs) == 0 {
		config.TCPTransport.BindAddrs = flagext.StringSlice{"127.0.0.1"}
	}
	config.Codecs = []codec.Codec{ring.GetCodec()}
	logger := log.NewLogfmtLogger(p.Voice)
	p.kv = memberlist.NewKV(config, logger, noDNS{}, p.registry)
	ctx := context.Background()
	if err := services.StartAndAwaitRunning(ctx, p.kv); err != nil {
		lines.Fail(err)
	}
	client, err := memberlist.NewClient(p.kv, ring.GetCodec())
	if err != nil {
		lines.Fail(err)
	}
	p.client = client
	p.Say(map[string]any{"event": "ready", "address": fmt.Sprintf("%s:%d", config.TCPTransport.BindAddrs[0], p.kv.GetListeningPort())})
	lines.Serve(p.Voice, func(r request) (any, error) { return p.do(ctx, r) })
}

// noDNS resolves nothing: the harness gives addresses only.
type noDNS struct{}

func (noDNS) Resolve(context.Context, []string) error { return nil }
func (noDNS) Addresses() []string                     { return nil }

func (p *peer) do(ctx context.Context, r request) (any, error) {
	switch r.Command {
	case "register":
		return p.edit(ctx, r.Key, func(desc *ring.Desc) {
			desc.AddIngester(r.Instance, r.Addr, r.Zone, r.Tokens, ring.InstanceState(ring.InstanceState_value[r.State]), time.Now(), false, time.Time{}, nil)
		})
	case "heartbeat", "setState":
		return p.edit(ctx, r.Key, func(desc *ring.Desc) {
			entry := desc.Ingesters[r.Instance]
			entry.Timestamp = time.Now().Unix()
			if r.State != "" {
				entry.State = ring.InstanceState(ring.InstanceState_value[r.State])
			}
			desc.Ingesters[r.Instance] = entry
		})
	case "unregister":
		return p.edit(ctx, r.Key, func(desc *ring.Desc) { desc.RemoveIngester(r.Instance) })
	case "delete":
		if value, err := p.client.Get(ctx, r.Key); err != nil || value == nil {
			return nil, err
		}
		return time.Now().Unix(), p.client.Delete(ctx, r.Key)
	case "get":
		value, err := p.client.Get(ctx, r.Key)
		if err != nil || value == nil {
			return nil, err
		}
		return show(value.(*ring.Desc)), nil
	case "state":
		return p.kv.LocalState(false), nil
	case "list":
		return p.client.List(ctx, "")
	case "join":
		return p.kv.JoinMembers(r.Addrs)
	case "metrics":
		return p.metrics(r.Names)
	case "stop":
		return nil, services.StopAndAwaitTerminated(ctx, p.kv)
	}
	return nil, fmt.Errorf("unknown command %s", r.Command)
}

// edit changes a ring. It returns the second in which the last attempt began: what the entry is dated with, or a little less.
func (p *peer) edit(ctx context.Context, key string, change func(*ring.Desc)) (int64, error) {
	var began int64
	err := p.client.CAS(ctx, key, func(in any) (any, bool, error) {
		began = time.Now().Unix()
		desc := ring.NewDesc()
		if in != nil {
			desc = in.(*ring.Desc)
		}
		change(desc)
		return desc, true, nil
	})
	return began, err
}

func show(desc *ring.Desc) map[string]instance {
	shown := map[string]instance{}
	for id, entry := range desc.Ingesters {
		tokens := append([]uint32{}, entry.Tokens...)
		sort.Slice(tokens, func(i, j int) bool { return tokens[i] < tokens[j] })
		shown[id] = instance{entry.Addr, entry.Timestamp, entry.State.String(), tokens, entry.Zone}
	}
	return shown
}

// metrics sums the counters and gauges whose names end in one of those asked for.
func (p *peer) metrics(names []string) (map[string]float64, error) {
	families, err := p.registry.Gather()
	if err != nil {
		return nil, err
	}
	sums := map[string]float64{}
	for _, family := range families {
		for _, name := range names {
			if !strings.HasSuffix(family.GetName(), name) {
				continue
			}
			for _, metric := range family.GetMetric() {
				sums[name] += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
			}
		}
	}
	return sums, nil
}
