// Package modelfile is the form in which trained weights are kept: a word that
// names the kind and version, the hash of what follows when unpacked, and that
// packed by DEFLATE. Unpacked it is a header in JSON and the weights behind it. It
// knows nothing of what the weights mean.
package modelfile

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Join makes the unpacked form of a header and weights.
func Join(header any, weights []byte) ([]byte, error) {
	head, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("write model header: %w", err)
	}
	b := make([]byte, 0, 4+len(head)+len(weights))
	b = binary.BigEndian.AppendUint32(b, uint32(len(head)))
	return append(append(b, head...), weights...), nil
}

// Part reads the header out of the unpacked form and returns the weights, which
// share its memory.
func Part(plain []byte, header any) ([]byte, error) {
	if len(plain) < 4 {
		return nil, errors.New("it is too short")
	}
	n, rest := binary.BigEndian.Uint32(plain), plain[4:]
	if uint64(n) > uint64(len(rest)) {
		return nil, errors.New("its header is longer than the file")
	}
	return rest[n:], json.Unmarshal(rest[:n], header)
}

// Write packs the unpacked form. The same bytes always give the same file.
func Write(w io.Writer, kind string, plain []byte) (int64, error) {
	var buf bytes.Buffer
	buf.WriteString(kind)
	sum := sha256.Sum256(plain)
	buf.Write(sum[:])
	z, err := flate.NewWriter(&buf, flate.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(plain); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	n, err := w.Write(buf.Bytes())
	return int64(n), err
}

// Read unpacks what Write wrote, if it is of this kind, whole, and at most most
// bytes long.
func Read(r io.Reader, kind string, most int64) ([]byte, error) {
	head := make([]byte, len(kind)+sha256.Size)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	if string(head[:len(kind)]) != kind {
		return nil, errors.New("not a model of this kind and version")
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(r), most))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(plain); !bytes.Equal(sum[:], head[len(kind):]) {
		return nil, errors.New("its hash does not match")
	}
	return plain, nil
}
