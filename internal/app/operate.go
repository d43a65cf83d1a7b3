package app

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/store"
)

// Operate returns an operator on a folder: the server that runs on it, or else
// this process, which then has the folder until the operator is closed. create
// says that a folder which isn't there is made.
func Operate(ctx context.Context, dir string, cfg *config.Config, create bool, log *slog.Logger) (Operator, error) {
	if !create {
		if _, err := os.Stat(dir); err != nil {
			return nil, &care.Error{Code: care.NotFound, Msg: "There is no data folder {dir}; name one with --data.", With: []any{"dir", dir}, Err: err}
		}
	}
	// A server may be starting or stopping just now: then the folder is held,
	// and the next try finds its socket.
	var held error
	for range 3 {
		r, err := dial(ctx, dir, osUser())
		if err != nil {
			return nil, err
		}
		if r != nil {
			return r, nil
		}
		e, err := OpenEngine(ctx, dir, EngineOptions{Config: cfg, Log: log})
		if err == nil {
			return &local{e: e, by: care.Actor("cli/" + osUser()), stop: e.Close}, nil
		}
		if held = err; !errors.Is(err, store.ErrHeld) {
			return nil, err
		}
	}
	return nil, held
}
