package train

import (
	"math"
	"math/rand/v2"
)

// A row is one example in the space of features: parallel indexes and values.
type row struct {
	idx  []uint32
	val  []float32
	pos  bool
	cost float64 // weight of the example; 1 for most
}

// dot is w·x.
func (r *row) dot(w []float64) float64 {
	var sum float64
	for k, j := range r.idx {
		sum += w[j] * float64(r.val[k])
	}
	return sum
}

func (r *row) add(w []float64, by float64) {
	for k, j := range r.idx {
		w[j] += by * float64(r.val[k])
	}
}

// solve fits a logistic regression with an L2 penalty, by coordinate descent
// on the dual (Yu, Huang and Lin, 2011: Dual coordinate descent methods for
// logistic regression and maximum entropy models). c is the cost of an error
// against the penalty. The result depends on nothing but its arguments.
func solve(rows []row, size int, c float64, epochs int, seed uint64) []float64 {
	w := make([]float64, size)
	n := len(rows)
	alpha := make([]float64, 2*n)
	norm := make([]float64, n)
	order := make([]int, n)
	for i := range rows {
		r := &rows[i]
		ci := c * r.cost
		alpha[2*i] = min(0.001*ci, 1e-8)
		alpha[2*i+1] = ci - alpha[2*i]
		for _, v := range r.val {
			norm[i] += float64(v) * float64(v)
		}
		r.add(w, sign(r.pos)*alpha[2*i])
		order[i] = i
	}
	rng := rand.New(rand.NewPCG(seed, 0x5DEECE66D))
	inner := 1e-2
	for range epochs {
		rng.Shuffle(n, func(a, b int) { order[a], order[b] = order[b], order[a] })
		steps, worst := 0, 0.0
		for _, i := range order {
			s, g := step(&rows[i], w, alpha[2*i:2*i+2], norm[i], c*rows[i].cost, inner)
			steps += s
			worst = max(worst, g)
		}
		if worst < 1e-3 {
			break
		}
		if steps <= n/10+1 {
			inner = max(1e-8, inner*0.1)
		}
	}
	return w
}

// step improves the dual variables of one example by Newton's method and
// returns how many steps it took and how far off it was.
func step(r *row, w, alpha []float64, xx, c, inner float64) (int, float64) {
	if c <= 0 || xx == 0 {
		return 0, 0
	}
	const eta = 0.1
	y := sign(r.pos)
	b := y * r.dot(w)
	one, two, dir := 0, 1, 1.0
	if 0.5*xx*(alpha[1]-alpha[0])+b < 0 {
		one, two, dir = 1, 0, -1
	}
	old := alpha[one]
	z := old
	if c-z < 0.5*c {
		z *= 0.1
	}
	g := xx*(z-old) + dir*b + math.Log(z/(c-z))
	first := math.Abs(g)
	n := 0
	for ; n <= 100 && math.Abs(g) >= inner; n++ {
		h := xx + c/(c-z)/z
		if t := z - g/h; t <= 0 {
			z *= eta
		} else {
			z = t
		}
		g = xx*(z-old) + dir*b + math.Log(z/(c-z))
	}
	if n > 0 {
		alpha[one], alpha[two] = z, c-z
		r.add(w, dir*(z-old)*y)
	}
	return n, first
}

func sqrt(x float64) float64 { return math.Sqrt(x) }

func sign(pos bool) float64 {
	if pos {
		return 1
	}
	return -1
}
