// Inside dskit's package of the store: what happens to a received message, in one call, where the library hands it to a worker.
package memberlist

import (
	"fmt"

	"github.com/go-kit/log"
	"github.com/hashicorp/memberlist"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grafana/dskit/flagext"
	"github.com/grafana/dskit/kv/codec"
)

// A store that never runs, with one watcher of one key.
type BenchStore struct {
	kv      *KV
	watcher chan string
}

func NewBenchStore(key string, members int, c codec.Codec) *BenchStore {
	var cfg KVConfig
	flagext.DefaultValues(&cfg)
	cfg.Codecs = []codec.Codec{c}
	m := NewKV(cfg, log.NewNopLogger(), nil, prometheus.NewRegistry())
	m.gossipBroadcasts = &memberlist.TransmitLimitedQueue{
		NumNodes:       func() int { return members },
		RetransmitMult: cfg.RetransmitMult,
	}
	watcher := make(chan string, 1)
	m.watchers[key] = append(m.watchers[key], watcher)
	return &BenchStore{kv: m, watcher: watcher}
}

// What NotifyMsg and the worker of the key do, but for logs and the history.
func (s *BenchStore) Receive(message []byte) error {
	pair := KeyValuePair{}
	if err := pair.Unmarshal(message); err != nil {
		return err
	}
	c := s.kv.GetCodec(pair.GetCodec())
	mod, version, deleted, updated, err := s.kv.mergeBytesValueForKey(pair.Key, pair.Value, c, pair.Deleted, updateTime(pair.UpdateTimeMillis))
	if err != nil || version == 0 {
		return fmt.Errorf("version %d, %w", version, err)
	}
	s.kv.notifyWatchers(pair.Key)
	s.kv.broadcastNewValue(pair.Key, mod, version, c, false, deleted, updated)
	select {
	case <-s.watcher:
	default:
	}
	return nil
}

// The newest of what waits to be gossiped.
func (s *BenchStore) Queued() []byte {
	messages := s.kv.gossipBroadcasts.GetBroadcasts(0, 1<<20)
	if len(messages) == 0 {
		return nil
	}
	return messages[0]
}
