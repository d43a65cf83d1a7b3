package atprototest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// A process is a program that we started and will end.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	log    string // file that has what it said
	ended  chan struct{}
	signal syscall.Signal // ends it
	reaper *reaper
}

// launch starts cmd in a process group of its own, so that a Ctrl-C at the
// terminal reaches the tests first. Output goes to log; with talk, standard
// input and output are ours.
func launch(cmd *exec.Cmd, log string, signal syscall.Signal, r *reaper, talk bool) (*process, error) {
	p := &process{cmd: cmd, log: log, ended: make(chan struct{}), signal: signal, reaper: r}
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd.Stderr = file
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	var out *os.File
	if talk {
		if p.in, err = cmd.StdinPipe(); err != nil {
			return nil, err
		}
		var to *os.File
		if out, to, err = os.Pipe(); err != nil {
			return nil, err
		}
		defer to.Close()
		cmd.Stdout = to
		p.out = bufio.NewScanner(out)
		p.out.Buffer(nil, 1<<20)
	} else {
		cmd.Stdout = file
	}
	if err := cmd.Start(); err != nil {
		if out != nil {
			out.Close()
		}
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	r.watch(cmd.Process.Pid, signal)
	go func() { // ends with the process; end waits for it
		defer close(p.ended)
		_ = cmd.Wait()
		if out != nil {
			defer out.Close()
		}
	}()
	return p, nil
}

// end stops the process and waits until it is gone.
func (p *process) end(signal syscall.Signal) {
	_ = p.cmd.Process.Signal(signal)
	<-p.ended
	p.reaper.forget(p.cmd.Process.Pid)
}

// said is the end of what the process logged.
func (p *process) said() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b[max(0, len(b)-4000):]))
}

// A reaper outlives the test binary just long enough to end what it started
// and to remove the run's folder: also after a kill or a test's time-out.
type reaper struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

const reaperScript = `
trap '' INT TERM HUP
left=''
while read -r what pid signal; do
	case $what in
	watch) left="$left $pid:$signal" ;;
	forget)
		kept=''
		for p in $left; do [ "${p%:*}" = "$pid" ] || kept="$kept $p"; done
		left=$kept ;;
	esac
done
for p in $left; do kill -"${p#*:}" "${p%:*}"; done
[ -z "$left" ] || sleep 2
rm -rf "$1"
`

func newReaper(dir string) (*reaper, error) {
	cmd := exec.Command("sh", "-c", reaperScript, "reaper", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &reaper{cmd, in}, nil
}

func (r *reaper) watch(pid int, s syscall.Signal) { fmt.Fprintln(r.in, "watch", pid, int(s)) }
func (r *reaper) forget(pid int)                  { fmt.Fprintln(r.in, "forget", pid, 0) }

// close lets the reaper do the rest: whatever was not forgotten, and the folder.
func (r *reaper) close() {
	r.in.Close()
	_ = r.cmd.Wait()
}
