package atprototest

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
)

// ErrMissing says that the network's packages or PostgreSQL are not installed.
var ErrMissing = errors.New("the AT Protocol test network is not installed; .ci/atproto installs it")

var (
	//go:embed testdata/package-lock.json
	lockFile []byte
	//go:embed testdata/start.mjs
	startScript []byte
	//go:embed testdata/loopback.mjs
	loopbackScript []byte
)

// An install is where the programs are.
type install struct {
	modules  string // the folder node_modules
	node     string
	initdb   string
	postgres string
}

func findInstall() (install, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return install{}, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	sum := sha256.Sum256(lockFile)
	dir := filepath.Join(cache, "amends-atproto", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(dir, "complete")); err != nil {
		return install{}, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	in := install{modules: filepath.Join(dir, "node_modules")}
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	in.node = filepath.Join(in.modules, "node-"+runtime.GOOS+"-"+arch, "bin", "node")
	if _, err := os.Stat(in.node); err != nil {
		return install{}, fmt.Errorf("%w: no Node for this machine: %w", ErrMissing, err)
	}
	if in.initdb, in.postgres, err = findPostgres(); err != nil {
		return install{}, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return in, nil
}

// findPostgres takes the newest server that Debian's packages left, else what
// is on the path.
func findPostgres() (initdb, postgres string, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", "", err
	}
	if len(found) > 0 {
		initdb = slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) })
		return initdb, filepath.Join(filepath.Dir(initdb), "postgres"), nil
	}
	if initdb, err = exec.LookPath("initdb"); err != nil {
		return "", "", fmt.Errorf("no PostgreSQL server: %w", err)
	}
	if postgres, err = exec.LookPath("postgres"); err != nil {
		return "", "", fmt.Errorf("no PostgreSQL server: %w", err)
	}
	return initdb, postgres, nil
}

func release(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// postgresOwner is whom PostgreSQL runs as: it refuses to run as root.
func postgresOwner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("no user to run PostgreSQL as: it refuses root, and there is neither postgres nor nobody")
}
