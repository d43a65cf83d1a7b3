package scan

// Seed is the hash of no runes.
const Seed uint64 = 0x9E3779B97F4A7C15

// Step adds a rune to a hash. Its upper bits are the better ones.
func Step(h uint64, r rune) uint64 {
	return (h ^ uint64(uint32(r))) * 0xD6E8FEB86659FD93
}

// HashRunes is the hash of normalised runes.
func HashRunes(rs []rune) uint64 {
	h := Seed
	for _, r := range rs {
		h = Step(h, r)
	}
	return h
}

// HashString is the hash of a text that is already in normalised form, such as
// an entry of a lexicon.
func HashString(s string) uint64 {
	h := Seed
	for _, r := range s {
		h = Step(h, r)
	}
	return h
}
