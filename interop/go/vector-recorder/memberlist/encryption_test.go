//go:build go1.22

package memberlist

import (
	"bytes"
	"fmt"
)

func init() { recordings = append(recordings, recordEncryption) }

func recordEncryption(r *recorder) {
	recordBodies(r)
	recordRings(r)
	recordFrames(r)
	recordRefused(r)
}

var (
	aads   = []string{"", "prod"}
	keys   = []int{16, 24, 32}
	noLess = []int{1, 15, 16, 17, 31, 32, 1400}
)

// sealed is a body under a nonce that follows from what is encrypted.
func (r *recorder) sealed(version encryptionVersion, key, plain, aad []byte) []byte {
	seedNonces(fmt.Sprint("body", version, len(key), len(plain), string(aad)))
	var body bytes.Buffer
	r.check(encryptPayload(version, key, plain, aad, &body))
	return body.Bytes()
}

// opens records what a body decrypts to, or null.
func (r *recorder) opens(id string, ring [][]byte, body, aad []byte) {
	forms := make([]string, 0, len(ring))
	for _, key := range ring {
		forms = append(forms, hexOf(key))
	}
	plain, err := decryptPayload(ring, append([]byte{}, body...), aad)
	out := any(nil)
	if err == nil {
		out = longOf(plain)
	}
	r.add(id, nil, map[string]any{"type": "open", "keys": forms, "aad": hexOf(aad), "body": hexOf(body)}, out, "")
}

// F01
func recordBodies(r *recorder) {
	for _, version := range []encryptionVersion{0, 1} {
		for _, size := range keys {
			for _, aad := range aads {
				for _, length := range noLess {
					plain := generated(length, 255)
					body := r.sealed(version, keyOf(size), plain.bytes, []byte(aad))
					back, err := decryptPayload([][]byte{keyOf(size)}, append([]byte{}, body...), []byte(aad))
					r.check(err)
					if !bytes.Equal(back, plain.bytes) {
						r.t.Fatal("a body does not survive a round trip")
					}
					r.add("GV-F01", map[string]any{"version": int(version), "keyBytes": size, "aad": hexOf([]byte(aad))},
						map[string]any{"type": "body", "plaintext": plain.form}, hexOf(body), "")
				}
			}
		}
	}
	for _, size := range keys {
		for _, aad := range aads {
			r.opens("GV-F01/nothing inside", [][]byte{keyOf(size)}, r.sealed(1, keyOf(size), nil, []byte(aad)), []byte(aad))
		}
	}
}

// F02: a ring whose keys are of several lengths, and a key that is not in it.
func recordRings(r *recorder) {
	ring := [][]byte{keyOf(16), keyOf(24), keyOf(32)}
	unknown := bytes.Repeat([]byte{0xee}, 16)
	for _, version := range []encryptionVersion{0, 1} {
		for _, key := range append(ring, unknown) {
			body := r.sealed(version, key, []byte("under one of several keys"), []byte("prod"))
			r.opens("GV-F02", ring, body, []byte("prod"))
			r.opens("GV-F02", ring[1:], body, []byte("prod"))
			r.opens("GV-F02", nil, body, []byte("prod"))
		}
	}
}

// F03: frames as a member writes them to a stream.
func recordFrames(r *recorder) {
	for _, protocol := range []uint8{1, 2} {
		for _, size := range keys {
			for _, label := range aads {
				for _, length := range noLess {
					s := setup{protocol: protocol, keyBytes: size, label: label}
					m, _ := r.member(s)
					plain := generated(length, 255)
					seedNonces(fmt.Sprint("frame", s.form(), length))
					frame, err := m.encryptLocalState(plain.bytes, label)
					r.check(err)
					back, err := m.decryptRemoteState(bytes.NewReader(frame[1:]), label)
					r.check(err)
					if !bytes.Equal(back, plain.bytes) {
						r.t.Fatal("a frame does not survive a round trip")
					}
					r.add("GV-F03", s.form(), map[string]any{"type": "frame", "plaintext": plain.form}, hexOf(frame), "")
					r.check(m.Shutdown())
				}
			}
		}
	}
}

// F04: what no key opens. The version is not authenticated: a body of version 0 opens as one of version 1, padding and
// all. The other way round the last byte of the message is taken for its padding, on which Go crashes: that is left out.
func recordRefused(r *recorder) {
	key, aad := keyOf(16), []byte("prod")
	ring := [][]byte{key}
	for _, version := range []encryptionVersion{0, 1} {
		plain := generated(20, 255).bytes
		body := r.sealed(version, key, plain, aad)
		for _, size := range append(upTo(30), 44) {
			r.opens("GV-F04/cut short", ring, body[:size], aad)
		}
		for bit := range 8 * len(body) {
			if version == 1 && bit == 0 {
				continue
			}
			flipped := append([]byte{}, body...)
			flipped[bit/8] ^= 1 << (bit % 8)
			r.opens("GV-F04/flipped bit", ring, flipped, aad)
		}
		for _, other := range []byte{2, 3, 127, 255} {
			r.opens("GV-F04/unknown version", ring, append([]byte{other}, body[1:]...), aad)
		}
		r.opens("GV-F04/bytes after it", ring, append(append([]byte{}, body...), 0), aad)
		for _, other := range []string{"", "pro", "prod2", "Prod"} {
			r.opens("GV-F04/another label", ring, body, []byte(other))
		}
		header := []byte{byte(encryptMsg), 0, 0, 0, byte(len(body))}
		r.opens("GV-F04/packet on a stream", ring, body, append(header, aad...))
		r.opens("GV-F04/stream in a packet", ring, r.sealed(version, key, plain, append(header, aad...)), aad)
	}
}

func upTo(end int) (numbers []int) {
	for number := range end {
		numbers = append(numbers, number)
	}
	return numbers
}
