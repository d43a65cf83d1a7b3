package form

import (
	"slices"
	"strconv"
	"strings"
)

// How groups can be arranged, as [Arrange] is told, before a colon and a path.
const (
	Add  = "add"  // another one at the end of a list
	Drop = "drop" // take one away
	Up   = "up"   // before the one above it
	Down = "down" // behind the one below it
)

// Arrange carries out what a button of a form says, as up:steps.1, on values that
// [Draft] read. It returns the path of what has to be looked at then; ok is false
// for what is no such button.
func Arrange(fields []Field, v Values, button string) (at string, ok bool) {
	do, path, ok := strings.Cut(button, ":")
	if !ok || !slices.Contains([]string{Add, Drop, Up, Down}, do) {
		return "", false
	}
	parts := strings.Split(path, ".")
	i := -1
	if do != Add {
		n, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil || n < 0 {
			return "", false
		}
		i, parts = n, parts[:len(parts)-1]
	}
	f, holder := find(fields, v, parts)
	if f == nil {
		return "", false
	}
	upTo := strings.Join(parts, ".")
	if f.Kind == Pairs && do == Add {
		return upTo, true
	}
	all := list(holder[f.Name])
	if f.Kind != Groups || i >= len(all) || do == Add && len(all) >= most {
		return "", false
	}
	switch {
	case do == Add:
		all = append(all, Values{})
		i = len(all) - 1
	case do == Drop:
		all = slices.Delete(all, i, i+1)
		i = -1
	case do == Up && i > 0:
		all[i-1], all[i] = all[i], all[i-1]
		i--
	case do == Down && i < len(all)-1:
		all[i+1], all[i] = all[i], all[i+1]
		i++
	}
	holder[f.Name] = all
	if i < 0 {
		return upTo, true
	}
	return upTo + "." + strconv.Itoa(i), true
}

// find leads to a list of groups, or to pairs, and to the group that has it.
func find(fields []Field, v Values, parts []string) (*Field, Values) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == parts[0] })
	if i < 0 {
		return nil, nil
	}
	f := &fields[i]
	if len(parts) == 1 {
		return f, v
	}
	switch f.Kind {
	case Group:
		below, ok := v[f.Name].(Values)
		if !ok {
			below = Values{}
			v[f.Name] = below
		}
		return find(f.Fields, below, parts[1:])
	case Groups:
		all := list(v[f.Name])
		n, err := strconv.Atoi(parts[1])
		if err != nil || n < 0 || n >= len(all) || len(parts) < 3 {
			return nil, nil
		}
		below, _ := all[n].(Values)
		return find(f.Below(fields), below, parts[2:])
	}
	return nil, nil
}
