package care

// A KindRow is a row of the table of kinds, for tests.
type KindRow struct {
	Number uint64
	Kind   Kind
	Zero   Event
}

// KindTable is the table of kinds.
func KindTable() []KindRow {
	var out []KindRow
	for _, s := range kinds {
		out = append(out, KindRow{s.number, s.kind, s.decode(&codec{reading: true})})
	}
	return out
}

// WordTables are the tables behind the one-byte words, by name.
func WordTables() map[string][]string {
	return map[string][]string{
		"networks": networks, "post_kinds": plain(postKinds), "severities": plain(severities), "moods": plain(moods),
		"urgencies": plain(urgencies), "lanes": plain(lanes), "target_kinds": plain(targetKinds), "endings": plain(endings),
		"states": plain(states),
	}
}

func plain[T ~string](words []T) []string {
	var out []string
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}
