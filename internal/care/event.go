package care

// A Kind is the stable name of an event: printed in exports and the audit
// trail. A kind is never used again for something else.
type Kind string

// An Event is one thing that happened. Events are values; their fields are
// only ever added to, at the end.
type Event interface {
	Kind() Kind
}

// Unknown stands for an event that a newer program wrote. It changes nothing.
type Unknown struct {
	Number uint64 `json:"number"`
	Bytes  []byte `json:"bytes"`
}

// Kind of an event this program does not know.
func (Unknown) Kind() Kind { return "unknown" }

// A kindSpec ties a kind to its number on disk and its two directions.
type kindSpec struct {
	number uint64
	kind   Kind
	encode func(*codec, Event)
	decode func(*codec) Event
	print  func([]byte) (Event, error) // from the printed form
}

func spec[T Event, P interface {
	*T
	fields(*codec)
}](number uint64) kindSpec {
	var zero T
	return kindSpec{
		number: number,
		kind:   zero.Kind(),
		encode: func(c *codec, e Event) { v := e.(T); P(&v).fields(c) },
		decode: func(c *codec) Event { var v T; P(&v).fields(c); return v },
		print:  func(b []byte) (Event, error) { return parse[T](b) },
	}
}

// kinds lists every event there is. Numbers are on disk: never change one,
// never use one again.
var kinds = []kindSpec{
	spec[Opened](1), spec[Routed](2), spec[MentionAdded](3), spec[MentionEdited](4), spec[MentionDeleted](5), spec[Reviewed](6),
	spec[Assigned](10), spec[Released](11), spec[HandedOff](12), spec[Awaiting](13), spec[Noted](14), spec[Tagged](15),
	spec[Snoozed](16), spec[Woken](17), spec[Escalated](18), spec[Linked](19), spec[AuthorBlocked](28), spec[Acknowledged](29),
	spec[Resolved](20), spec[Reopened](21), spec[Dismissed](22), spec[Merged](23), spec[Absorbed](24), spec[Unmerged](25),
	spec[Parted](26), spec[SplitOff](27),
	spec[ReplyRequested](30), spec[ReplyUndone](31), spec[ReplyAttempted](32), spec[ReplySent](33), spec[ReplyFailed](34),
	spec[ReplyUnknown](35), spec[ReplySought](36), spec[ReplySeen](37), spec[ReplyDelayed](38),
	spec[PromiseMade](40), spec[PromiseKept](41), spec[PromiseSlipped](42), spec[PromiseRenegotiated](43), spec[PromisePassed](44),
	spec[PromiseAtRisk](45),
	spec[TargetSet](50), spec[TargetPaused](51), spec[TargetMet](52), spec[TargetBreached](53), spec[TargetCorrected](54), spec[TargetEnded](55),
	spec[NoticeRequested](60), spec[NoticeAttempted](61), spec[NoticeSent](62), spec[NoticeFailed](63), spec[NoticeUnknown](64), spec[NoticeDelayed](65),
	spec[SourceRead](70), spec[SourceGap](71), spec[SourceStopped](72), spec[SourceRecovered](73), spec[SourcePaused](74), spec[SourceResumed](75),
	spec[SourceQuiet](76), spec[SourceHeard](77),
	spec[Planned](78), spec[Unmatched](79),
	spec[AgentAway](110), spec[AgentBack](111),
	spec[WaitingOn](120), spec[WaitOver](121), spec[ReplyApproved](122), spec[ReplyRefused](123),
	spec[GoodwillGiven](124), spec[GoodwillAsked](125), spec[GoodwillDecided](126), spec[InBulk](128),
	spec[Followed](130), spec[Unfollowed](131), spec[Heard](132), spec[Unlinked](133), spec[FrictionMet](134), spec[FrictionMended](135),
	spec[LegalHold](136), spec[LegalHoldLifted](137), spec[AgentTook](140), spec[ReplyMended](141), spec[ReplyWithdrawn](142),
	spec[Undone](143), spec[BulkBegun](144), spec[BulkEnded](145),
	spec[ReplyChangeAsked](147), spec[ReplyChangeWent](148),
	spec[Erased](80), spec[Expired](81), spec[AccountChanged](82), spec[DeskHeld](83), spec[DeskReleased](84),
	spec[ModelChanged](86),
	spec[ContactBegun](90), spec[ContactKnown](91), spec[ContactForgot](92), spec[ContactProposed](93), spec[ContactRefused](94),
	spec[ContactLinked](95), spec[ContactUnlinked](96), spec[OptedOut](97), spec[OptOutLifted](98), spec[ContactConsented](99),
	spec[IssueOpened](100), spec[IssueSaid](101), spec[IssueLinked](102), spec[IssueUnlinked](103), spec[IssueDrafted](104),
	spec[SourceCharged](153), spec[SurgeBegan](154), spec[SurgeEnded](155),
	spec[ChartNoted](157), spec[SurveyPlanned](158), spec[SurveyAsked](159), spec[SurveySkipped](160), spec[SurveyAnswered](161), spec[ContactAsked](162),
	spec[DigestIssued](163), spec[AlertBegan](164), spec[AlertEnded](165), spec[SetupChanged](166), spec[NoticeStands](167),
	spec[IssueApproved](105), spec[IssueWrote](106), spec[IssueSkipped](107), spec[IssueTurned](108), spec[CaseRaised](109),
	spec[IssuePromiseAtRisk](149), spec[IssuePromiseSlipped](150), spec[IssueEscalated](151), spec[IssuePassed](152),
}

var (
	byKind   = index(func(s kindSpec) Kind { return s.kind })
	byNumber = index(func(s kindSpec) uint64 { return s.number })
)

func index[K comparable](key func(kindSpec) K) map[K]kindSpec {
	m := make(map[K]kindSpec, len(kinds))
	for _, s := range kinds {
		if _, twice := m[key(s)]; twice {
			panic("care: an event kind or number is used twice: " + string(s.kind))
		}
		m[key(s)] = s
	}
	return m
}
