package app

import (
	"context"
	"errors"

	"github.com/amends-care/amends/internal/config"
)

// reloads reads the configuration again on each hangup. Everything new is built
// before anything is swapped; on a mistake the old stays in force and says so.
func (s *serving) reloads(ctx context.Context) error {
	for {
		select {
		case <-s.o.Hangup:
			if err := s.reloadOnce(ctx); err != nil {
				s.o.Log.Error("the configuration was not reloaded: the old one stays in force", "err", err)
				continue
			}
			s.o.Log.Info("the configuration was reloaded")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *serving) reloadOnce(ctx context.Context) error {
	if s.o.Reload == nil {
		return errors.New("the server runs without a configuration file")
	}
	s.reloading.Lock()
	defer s.reloading.Unlock()
	cfg, err := s.o.Reload()
	if err != nil {
		return err
	}
	force, err := s.build(ctx, cfg)
	if err != nil {
		return err
	}
	return force(ctx)
}

// build makes everything that a configuration needs, and returns what puts it in
// force.
func (s *serving) build(ctx context.Context, cfg *config.Config) (force func(context.Context) error, err error) {
	rules, err := s.rules(ctx, cfg)
	if err != nil {
		return nil, err
	}
	next, err := s.sourcesOf(cfg)
	if err != nil {
		return nil, err
	}
	m, err := model(cfg)
	if err != nil {
		return nil, err
	}
	by, err := phrases(cfg, s.Learner.Judge())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if s.heldNow() != "" {
			s.running.Store(next) // nothing reads yet
		} else {
			select {
			case s.reload <- next:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s.Learner.Use(base(m), aims(cfg))
		s.intake.Use(by)
		s.Desk.Use(rules)
		return nil
	}, nil
}
