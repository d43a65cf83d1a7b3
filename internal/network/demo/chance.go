package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// chance returns a source of chance that depends on the seed and the names
// alone, so that the same network comes out of every start.
func chance(seed uint64, what string, n uint64) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(what))
	return rand.New(rand.NewPCG(seed^h.Sum64(), n*0x9e3779b97f4a7c15+1))
}

// deal takes the card at a place of an endless row of shuffled decks of n
// cards: every card comes up once before any comes up again.
func deal(seed uint64, deck string, place, n int) int {
	return chance(seed, deck, uint64(place/n)).Perm(n)[place%n]
}

// dealt counts how often, in the row that deal deals from, a card of the same
// kind came up before a place. cards names each card of the deck.
func dealt(seed uint64, deck string, place int, cards []string) (kind string, before int) {
	perm := chance(seed, deck, uint64(place/len(cards))).Perm(len(cards))
	kind = cards[perm[place%len(cards)]]
	for _, c := range cards {
		if c == kind {
			before++
		}
	}
	before *= place / len(cards)
	for _, i := range perm[:place%len(cards)] {
		if cards[i] == kind {
			before++
		}
	}
	return kind, before
}

// deck turns names with their number into cards, in the order of the list.
func deck(of ...any) []string {
	var cards []string
	for i := 0; i < len(of); i += 2 {
		for range of[i+1].(int) {
			cards = append(cards, of[i].(string))
		}
	}
	return cards
}

// around is a waiting time as people's are: half of them under median, a tail
// to the right. spread 0.5 is mild, 1 wide. It stays within a factor of 20.
func around(r *rand.Rand, median time.Duration, spread float64) time.Duration {
	f := min(max(math.Exp(r.NormFloat64()*spread), 0.05), 20)
	return time.Duration(float64(median) * f).Truncate(time.Second)
}

// between is any time from low to high.
func between(r *rand.Rand, low, high time.Duration) time.Duration {
	return (low + time.Duration(r.Int64N(int64(high-low)+1))).Truncate(time.Second)
}

// poisson is how many happen where mean are expected; mean is small.
func poisson(r *rand.Rand, mean float64) int {
	limit, p, n := math.Exp(-mean), r.Float64(), 0
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}
