package care

// The tables behind the one-byte words of the encoding. They only ever grow at
// the end: a word's place is on disk.
var (
	networks = []string{"file", "bluesky", "mastodon", "x", "feed", "appstore", "hackernews", "youtube", "play", "reddit",
		"telegram", "email", "webhook", "facebook", "instagram", "threads", "demo"}
	postKinds   = []PostKind{PostPublic, PostReview, PostDirect}
	severities  = []Severity{Low, High}
	moods       = []Mood{Calm, Annoyed, Angry, Furious}
	urgencies   = []Urgency{Vulnerable, Safety, Legal, Press, Regulator, Cancellation, BrokenPromise, Viral}
	lanes       = []Lane{Ordinary, Critical}
	targetKinds = []TargetKind{FirstResponse, NextResponse, Resolution}
	states      = []State{StateWaiting, StateClaimed, StateAwaiting, StateResolved, StateDismissed, StateMerged}
	endings     = []Ending{Unanswered, EndDismissed, EndMerged, Withdrawn}
)
