package care

// ModelChanged says that another version judges from now on, or by another
// threshold. What was judged before stays as it was. Stream model; what a
// version holds is in the document model/version/<id>.
type ModelChanged struct {
	To        string  `json:"to"`   // version in force from now on; empty: the model that ships, as it is
	From      string  `json:"from"` // version until now
	Why       string  `json:"why"`  // recalibrated | promoted | rolled_back | aim
	Threshold float64 `json:"threshold,omitempty"`
	Aim       string  `json:"aim,omitempty"`     // what the team asked for, where that changed
	Reviews   int     `json:"reviews,omitempty"` // that the version was made of
	Held      int     `json:"held,omitempty"`    // reviews it was tested on and not made of
	// Of those, by the version until now and by the new one.
	RecallWas    float64 `json:"recall_was,omitempty"`
	Recall       float64 `json:"recall,omitempty"`
	PrecisionWas float64 `json:"precision_was,omitempty"`
	Precision    float64 `json:"precision,omitempty"`
}

// Kind of the event.
func (ModelChanged) Kind() Kind { return "model.changed" }

func (e *ModelChanged) fields(c *codec) {
	c.text(&e.To)
	c.text(&e.From)
	c.text(&e.Why)
	c.float(&e.Threshold)
	c.text(&e.Aim)
	c.int(&e.Reviews)
	c.int(&e.Held)
	for _, f := range []*float64{&e.RecallWas, &e.Recall, &e.PrecisionWas, &e.Precision} {
		c.float(f)
	}
}
