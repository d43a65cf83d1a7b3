package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
)

// Agents who have the desk open: each a connection of its own over loopback, in
// another process, so that the memory is the server's alone. Told are how long
// after a claim was asked for an agent's browser has it, over all agents and
// claims, and what an open desk holds on the server.
func BenchmarkAgents(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) { agents(b, n) })
	}
}

func agents(b *testing.B, n int) {
	be := staffed(b)
	be.says("ana", "1", "my bill is broken")
	id := string(be.cases()[0].ID)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := HTTP(be, be.Live, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	before := held()
	crowd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestBeAgents$")
	crowd.Env = append(os.Environ(), fmt.Sprintf("AGENTS=%d", n), "AGENTS_AT=http://"+l.Addr().String()+eventsPath, "AGENTS_TOKEN="+be.tokens[auth.Agent])
	out, err := crowd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	in, err := crowd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := crowd.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	hear := func(prefix string) []string {
		for lines.Scan() {
			if rest, ok := strings.CutPrefix(lines.Text(), prefix+" "); ok {
				return strings.Fields(rest)
			}
		}
		b.Fatalf("the agents left before they said %s: %v", prefix, lines.Err())
		return nil
	}
	hear("ready")
	each := float64(held()-before) / float64(n)

	var delays []float64 // ms
	do := "claim"
	for b.Loop() {
		asked := time.Now()
		a := be.post(auth.Agent, "/cases/"+id+"/"+do, nil)
		a.want(http.StatusOK)
		for _, at := range hear(a.Header.Get("Amends-Seq")) {
			ns, err := strconv.ParseInt(at, 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			delays = append(delays, float64(ns-asked.UnixNano())/1e6)
		}
		do = map[string]string{"claim": "release", "release": "claim"}[do]
	}
	slices.Sort(delays)
	b.ReportMetric(delays[len(delays)/2], "ms-p50")
	b.ReportMetric(delays[len(delays)*95/100], "ms-p95")
	b.ReportMetric(delays[len(delays)-1], "ms-max")
	b.ReportMetric(each/1024, "KiB/agent")
	if err := errors.Join(in.Close(), crowd.Wait()); err != nil { // they leave once nobody listens to them
		b.Error(err)
	}
	be.Live.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		b.Error(err)
	}
	<-served
}

// held is the memory that is in use once the rubbish is out: heap and stacks.
func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// TestBeAgents is the other half of BenchmarkAgents, in a process of its own: it
// opens the streams, says ready, and for each event its id and when it came to
// each, in nanoseconds since 1970.
func TestBeAgents(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("AGENTS"))
	if err != nil {
		t.Skip("only BenchmarkAgents starts it")
	}
	ctx, stop := context.WithCancel(t.Context())
	type arrival struct {
		id string
		at int64
	}
	came := make(chan arrival, n)
	client := &http.Client{Transport: &http.Transport{}}
	var open, all sync.WaitGroup
	for range n {
		open.Add(1)
		all.Go(func() {
			r, err := http.NewRequestWithContext(ctx, "GET", os.Getenv("AGENTS_AT"), nil)
			if err != nil {
				panic(err)
			}
			r.Header.Set("Authorization", "Bearer "+os.Getenv("AGENTS_TOKEN"))
			resp, err := client.Do(r)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("%v %v", resp, err)
				open.Done()
				return
			}
			defer resp.Body.Close()
			told := false
			for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
				if !told && strings.HasPrefix(lines.Text(), "retry:") {
					told = true
					open.Done()
				}
				if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
					came <- arrival{id, time.Now().UnixNano()}
				}
			}
		})
	}
	open.Wait()
	fmt.Println("ready .")
	go func() {
		got := map[string][]string{}
		for a := range came {
			if got[a.id] = append(got[a.id], strconv.FormatInt(a.at, 10)); len(got[a.id]) == n {
				fmt.Println(a.id, strings.Join(got[a.id], " "))
				delete(got, a.id)
			}
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark is over
	stop()
	all.Wait()
}
