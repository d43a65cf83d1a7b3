package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// An operation is something an administrator does to a folder from the command
// line. It runs in the process that has the folder open: the server, if one is
// running, or else the command itself.
type operation func(ctx context.Context, e *Engine, c call) error

// A call is one run of an operation.
type call struct {
	by   care.Actor
	args json.RawMessage
	in   io.Reader
	out  io.Writer
	// progress is told what is being done, now and then; it never fails.
	progress func(string)
}

// decode reads the arguments.
func (c call) decode(args any) error {
	if err := json.Unmarshal(c.args, args); err != nil {
		return fmt.Errorf("arguments: %w", err)
	}
	return nil
}

// answer writes a result.
func (c call) answer(v any) error { return json.NewEncoder(c.out).Encode(v) }

// operations are all there are, by name.
func operations() map[string]operation {
	return map[string]operation{
		"import": opImport, "export": opExport, "tables": opTables, "erase": opErase, "verify": opVerify, "backup": opBackup, "compact": opCompact,
		"release": opRelease, "sla.explain": opExplain,
		"model.status": opModelStatus, "model.aim": opModelAim, "model.rollback": opModelRollBack,
		"user.list": opUserList, "user.add": opUserAdd, "user.change": opUserChange, "user.reset": opUserReset,
		"issue.list": opIssueList, "issue.show": opIssueShow, "issue.act": opIssueAct, "person": opPerson,
		"token.list": opTokenList, "token.add": opTokenAdd, "token.revoke": opTokenRevoke,
	}
}

// perform runs an operation by name.
func (e *Engine) perform(ctx context.Context, name string, c call) error {
	op, ok := operations()[name]
	if !ok {
		return fmt.Errorf("there is no operation %q; there are %v", name, slices.Sorted(maps.Keys(operations())))
	}
	return op(ctx, e, c)
}

// plain is an error as it can be sent to another process: people's errors stay
// what they are.
type plain struct {
	Code  care.Code `json:"code,omitempty"`
	Field string    `json:"field,omitempty"`
	Msg   string    `json:"msg"`
}

func toPlain(err error) plain {
	if ce, ok := errors.AsType[*care.Error](err); ok {
		return plain{Code: ce.Code, Field: ce.Field, Msg: ce.Says().String()}
	}
	return plain{Msg: err.Error()}
}

func (p plain) error() error {
	if p.Code != "" {
		return &care.Error{Code: p.Code, Field: p.Field, Msg: care.Phrase(p.Msg)}
	}
	return errors.New(p.Msg)
}
