package play

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// tokens is where Google exchanges a signed request for a token.
const tokens = "https://oauth2.googleapis.com/token"

// A key is a service account's.
type key struct {
	email, id string
	private   *rsa.PrivateKey
}

// readKey reads Google's key file. Its errors quote nothing of it.
func readKey(file string) (*key, error) {
	var k struct {
		Type         string
		ClientEmail  string `json:"client_email"`
		PrivateKey   string `json:"private_key"`
		PrivateKeyID string `json:"private_key_id"`
	}
	if json.Unmarshal([]byte(file), &k) != nil {
		return nil, errors.New("this is not a key file: it must hold JSON")
	}
	if k.Type != "service_account" || !strings.HasSuffix(k.ClientEmail, ".gserviceaccount.com") {
		return nil, errors.New("this is no service account's key file")
	}
	block, _ := pem.Decode([]byte(k.PrivateKey))
	if block == nil {
		return nil, errors.New("the key file holds no private key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("the private key in the key file can't be read")
	}
	return &key{email: k.ClientEmail, id: k.PrivateKeyID, private: private}, nil
}

// sign makes a request for a token of an hour: a JSON web token by RS256.
func (k *key) sign(now time.Time) (string, error) {
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": k.id})
	if err != nil {
		return "", err
	}
	issued := now.Add(-30 * time.Second) // our clock may run ahead
	claims, err := json.Marshal(map[string]any{
		"iss": k.email, "scope": scope, "aud": tokens, "iat": issued.Unix(), "exp": issued.Add(time.Hour).Unix(),
	})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k.private, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
