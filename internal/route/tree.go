package route

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
)

const (
	maxDepth    = 16
	maxNodes    = 2_000
	maxValues   = 1_000 // of one condition
	maxPriority = 9
	maxText     = 100 // bytes of a name or value
	rootName    = "everything"
)

// A Routing is a tree as people write it, with examples that must hold.
type Routing struct {
	Tree     Node      `yaml:"tree" json:"tree"`
	Examples []Example `yaml:"examples" json:"-"`
}

// A Node sends what it matches to a queue. What it leaves out it has from its
// parent; without a lane anywhere on the path, urgency decides (vulnerable,
// safety, legal and viral are critical).
type Node struct {
	Name     string    `yaml:"name" json:"name,omitempty"` // default: its conditions
	When     Match     `yaml:"when" json:"when,omitzero"`
	Queue    string    `yaml:"queue" json:"queue,omitempty"`
	Lane     care.Lane `yaml:"lane" json:"lane,omitempty"`
	Priority *int      `yaml:"priority" json:"priority,omitempty"` // 0 to 9, the higher first
	Policy   string    `yaml:"policy" json:"policy,omitempty"`
	Routes   []Node    `yaml:"routes" json:"routes,omitempty"` // the first that matches is taken
}

// Validate names every mistake, joined; each is an [*sla.Problem] that names
// the node by its path. queues, policies and calendars are the names that exist.
func (r *Routing) Validate(queues, policies, calendars []string) error {
	c := checker{known: func(name, what string) ([]string, bool) {
		all := map[string][]string{"queue": queues, "policy": policies, "calendar": calendars}[what]
		return all, slices.Contains(all, name)
	}}
	c.tree(&r.Tree)
	return errors.Join(c.problems...)
}

// New makes a tree that decides. calendars holds those that conditions name. It
// refuses a tree that can't work, with every reason; queues and policies that
// do not exist are for [Routing.Validate] to find.
func New(r Routing, calendars map[string]*sla.Calendar) (*Tree, error) {
	c := checker{known: func(name, what string) ([]string, bool) {
		_, ok := calendars[name]
		return nil, ok || what != "calendar"
	}}
	c.tree(&r.Tree)
	if err := errors.Join(c.problems...); err != nil {
		return nil, err
	}
	t := &Tree{routing: Routing{Tree: normal(r.Tree)}, examples: r.Examples}
	t.version = versionOf(t.routing)
	t.root = compile(&t.routing.Tree, Decision{}, rootName, calendars)
	return t, nil
}

// compile works out what a node inherits.
func compile(n *Node, from Decision, otherwise string, calendars map[string]*sla.Calendar) *node {
	d := from
	d.Path = append(slices.Clone(from.Path), orElse(n.Name, otherwise))
	d.Queue, d.Policy = orElse(n.Queue, d.Queue), orElse(n.Policy, d.Policy)
	d.Lane = care.Lane(orElse(string(n.Lane), string(d.Lane)))
	if n.Priority != nil {
		d.Priority = *n.Priority
	}
	out := &node{match: n.When.compile(calendars), decision: d}
	for i := range n.Routes {
		child := &n.Routes[i]
		out.children = append(out.children, compile(child, d, child.When.String(), calendars))
	}
	return out
}

// normal is the one form of a tree, whose JSON is hashed.
func normal(n Node) Node {
	n.Name = strings.TrimSpace(n.Name)
	n.When = n.When.normal()
	routes := make([]Node, len(n.Routes))
	for i, child := range n.Routes {
		routes[i] = normal(child)
	}
	n.Routes = routes
	return n
}

// A checker collects mistakes on its way through a tree.
type checker struct {
	known    func(name, what string) (all []string, ok bool)
	problems []error
	nodes    int
}

func (c *checker) add(path []string, field, format string, args ...any) {
	in := fmt.Sprintf("route %q", strings.Join(path, " > "))
	c.problems = append(c.problems, &sla.Problem{In: in, Path: field, Msg: fmt.Sprintf(format, args...)})
}

func (c *checker) tree(root *Node) {
	path := []string{clip(orElse(strings.TrimSpace(root.Name), rootName))}
	if root.Queue == "" {
		c.add(path, "queue", "is missing: the root names the queue of whatever nothing else matches")
	}
	if !root.When.empty() {
		c.add(path, "when", "must be empty: the root matches everything; put conditions under routes")
	}
	c.node(root, path, "tree")
}

// node checks one node and those below it. field is its place in the YAML.
func (c *checker) node(n *Node, path []string, field string) {
	if c.nodes++; c.nodes > maxNodes {
		if c.nodes == maxNodes+1 {
			c.add(path, field, "is one of more than %d nodes: put values into one list instead of a node each", maxNodes)
		}
		return
	}
	if len(path) > maxDepth {
		c.add(path[:maxDepth], field, "lies deeper than %d levels: flatten the tree", maxDepth)
		return
	}
	if len(n.Name) > maxText {
		c.add(path, field+".name", "is longer than %d bytes: shorten it", maxText)
	}
	switch n.Lane {
	case "", care.Ordinary, care.Critical:
	default:
		c.add(path, field+".lane", "%q is not a lane: write ordinary or critical", clip(string(n.Lane)))
	}
	if n.Priority != nil && (*n.Priority < 0 || *n.Priority > maxPriority) {
		c.add(path, field+".priority", "%d is out of range: write 0 to %d, the higher comes first", *n.Priority, maxPriority)
	}
	c.exists(path, field+".queue", n.Queue, "queue")
	c.exists(path, field+".policy", n.Policy, "policy")
	n.When.check(c, path, field+".when")
	earlier := make([]Node, 0, min(len(n.Routes), maxNodes))
	for i := range n.Routes {
		if c.nodes > maxNodes {
			return
		}
		child := Node{Name: strings.TrimSpace(n.Routes[i].Name), When: n.Routes[i].When.normal()}
		below := append(slices.Clone(path), clip(child.title()))
		at := fmt.Sprintf("%s.routes[%d]", field, i)
		c.against(earlier, &child, below, at)
		c.node(&n.Routes[i], below, at)
		earlier = append(earlier, child)
	}
}

// title is what a path calls a node.
func (n *Node) title() string { return orElse(n.Name, n.When.String()) }

// against finds a node that can't be told from an earlier sibling, or that an
// earlier one never lets be reached.
func (c *checker) against(earlier []Node, n *Node, path []string, field string) {
	for j := range earlier {
		if n.Name != "" && n.Name == earlier[j].Name {
			c.add(path, field+".name", "is the name of routes[%d] too: give each its own, so that a path tells which matched", j)
		}
		if earlier[j].When.covers(&n.When) {
			c.add(path, field, "is never reached: %q before it matches all of this; move this one up, or narrow the other", clip(earlier[j].title()))
			return
		}
	}
}

func (c *checker) exists(path []string, field, name, what string) {
	if name == "" {
		return
	}
	all, ok := c.known(name, what)
	if ok {
		return
	}
	if len(all) == 0 {
		c.add(path, field, "%s %q does not exist: add it, or leave this out", what, clip(name))
		return
	}
	c.add(path, field, "%s %q does not exist: write one of %s", what, clip(name), listed(all))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// listed joins names for a message, and not too many.
func listed(names []string) string {
	const most = 20
	s := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		s += " …"
	}
	return s
}

// clip shortens what a stranger wrote, for a message.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}
