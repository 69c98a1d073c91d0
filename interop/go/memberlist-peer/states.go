package main

import (
	"net"
	"reflect"
	"strconv"
	"sync"
	"unsafe"
)

var statuses = [...]string{"alive", "suspect", "dead", "left"}

// states lists every record as it really is. The library shows neither suspicions nor who is gone, so its private table
// is read, under its own lock.
func (p *peer) states() []map[string]any {
	list := reflect.ValueOf(p.list).Elem()
	lock := (*sync.RWMutex)(unsafe.Pointer(list.FieldByName("nodeLock").UnsafeAddr()))
	lock.RLock()
	defer lock.RUnlock()
	records := list.FieldByName("nodes")
	states := []map[string]any{}
	for i := range records.Len() {
		record := records.Index(i).Elem()
		host := net.IP(record.FieldByName("Addr").Bytes()).String()
		port := strconv.FormatUint(record.FieldByName("Port").Uint(), 10)
		states = append(states, map[string]any{
			"name":        record.FieldByName("Name").String(),
			"address":     net.JoinHostPort(host, port),
			"status":      statuses[record.FieldByName("State").Int()],
			"incarnation": record.FieldByName("Incarnation").Uint(),
		})
	}
	return states
}
