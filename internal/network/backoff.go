package network

import "time"

// Backoff is how long to wait before the n-th try again, n from 0: a random
// part of 5 s, 10 s, 20 s … and at most 15 minutes, so that many callers who
// failed together do not come back together. random is math/rand/v2's Int64N.
func Backoff(n int, random func(int64) int64) time.Duration {
	const first, most = 5 * time.Second, 15 * time.Minute
	span := most
	if n = max(n, 0); n < 8 {
		span = min(first<<n, most)
	}
	return time.Duration(random(int64(span) + 1))
}
