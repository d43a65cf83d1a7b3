package web

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
)

func TestWaitingOnTheWarehouse(t *testing.T) {
	b, at := opened(t)
	b.post(auth.Agent, at+"/wait-on", Wait{On: "the moon", Until: start.Add(time.Hour)}).wantProblem(422, "invalid")
	b.post(auth.Agent, at+"/wait-on", Wait{On: "warehouse", Until: start.Add(time.Hour)}).want(200)
	if n, m := len(b.list("?state=needs").Cases), len(b.list("?state=outside").Cases); n != 0 || m != 1 {
		t.Fatalf("%d need us, %d wait on others", n, m)
	}
	if f := b.only(); f.WaitsOn != "warehouse" || f.State != "waiting" || f.Due == nil {
		t.Fatalf("%+v", f.CaseRow)
	}
	b.post(auth.Agent, at+"/stop-waiting", nil).want(200)
	if n := len(b.list("?state=needs").Cases); n != 1 {
		t.Fatalf("%d need us", n)
	}
}
