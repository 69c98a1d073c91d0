//go:build go1.22

package memberlist

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"unicode/utf8"
)

// digest stands for bytes that are too long to be written down.
type digest struct {
	SizeBytes int    `json:"sizeBytes"`
	CRC32     string `json:"crc32"`
	SHA256    string `json:"sha256"`
}

const longestHex = 4096

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// longOf is hex, or a digest.
func longOf(b []byte) any {
	if len(b) <= longestHex {
		return hexOf(b)
	}
	sum := sha256.Sum256(b)
	return &digest{len(b), fmt.Sprintf("%08x", crc32.ChecksumIEEE(b)), hexOf(sum[:])}
}

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

// blob is a byte string together with how the recording writes it down: null, hex, or a rule that makes it.
type blob struct {
	bytes []byte
	form  any
}

func none() blob             { return blob{nil, nil} }
func raw(b []byte) blob      { return blob{b, hexOf(b)} }
func rawHex(s string) blob   { return raw(unhex(s)) }
func rawText(s string) blob  { return raw([]byte(s)) }
func empty() blob            { return blob{[]byte{}, ""} }
func name(s string) textBlob { return textBlob{s, s} }

func filled(fill byte, count int) blob {
	return blob{bytes.Repeat([]byte{fill}, count), map[string]any{"fill": hexOf([]byte{fill}), "count": count}}
}

// The generator of wire spec, Appendix A.
func generated(count int, mask byte) blob {
	x, out := uint32(1), make([]byte, count)
	for i := range out {
		x = (x*1103515245 + 12345) & 0x7fffffff
		out[i] = byte(x>>16) & mask
	}
	return blob{out, map[string]any{"lcg": count, "mask": int(mask)}}
}

// textBlob is a text field: a JSON text where it is valid UTF-8, else as a blob.
type textBlob struct {
	text string
	form any
}

func nameOf(b blob) textBlob       { return textBlob{string(b.bytes), b.form} }
func nameHex(text string) textBlob { return textBlob{string(unhex(text)), map[string]any{"hex": text}} }

func textForm(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return map[string]any{"hex": hexOf([]byte(s))}
}

func bytesForm(b []byte) any {
	if b == nil {
		return nil
	}
	return hexOf(b)
}
