package change

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"intercom-mcp/policy"
)

// The errors of an approval, to be tested with errors.Is. The change is as it was.
var (
	// ErrSamePerson: who asked for the change approves it, or may be the same person.
	ErrSamePerson = errors.New("who asked for the change cannot approve it")
	// ErrNotApprover: the person lacks the roles that the change still needs a yes of.
	ErrNotApprover = errors.New("the change needs the approval of people with other roles")
	// ErrPlanMoved: the person saw another plan.
	ErrPlanMoved = errors.New("the plan is not the one that was shown")
	// ErrAlreadyApproved: the person, or who may be the same, has approved the change before.
	ErrAlreadyApproved = errors.New("the same person has approved the change already")
	// ErrPlanStale: a check found that what the plan touches has changed since.
	ErrPlanStale = errors.New("what the plan touches has changed since")
	// ErrOverdue: the change has waited too long.
	ErrOverdue = errors.New("the change waited too long for its approval")
)

// IsApprovalError reports whether err is one of the errors of an approval.
func IsApprovalError(err error) bool {
	of := func(target error) bool { return errors.Is(err, target) }
	return slices.ContainsFunc([]error{ErrSamePerson, ErrNotApprover, ErrPlanMoved, ErrPlanStale, ErrAlreadyApproved,
		ErrOverdue}, of)
}

// SamePerson reports whether two may be the same person: their ids or their e-mails, in any case, are the same, or
// neither can tell them apart. Ids tell people apart within one issuer, and e-mails where both are vouched for and
// spelled in one way. The same e-mail counts whoever vouches for it: an identity provider may give a person another id
// in each client.
func SamePerson(a, b policy.Person) bool {
	issuerA, _, okA := strings.Cut(a.ID, "#")
	issuerB, _, okB := strings.Cut(b.ID, "#")
	ids := okA && okB && issuerA == issuerB
	emails := oneSpelling(a.VouchedEmail()) && oneSpelling(b.VouchedEmail())
	switch {
	case ids && a.ID == b.ID, a.Email != "" && strings.EqualFold(mailbox(a.Email), mailbox(b.Email)):
		return true
	}
	return !ids && !emails
}

// oneSpelling reports whether an e-mail is of characters that nobody writes in another way, but for their case: letters
// of other alphabets have several forms, and their domains a second one in ASCII.
func oneSpelling(email string) bool {
	other := func(r rune) bool { return r <= ' ' || r > '~' }
	return email != "" && !strings.ContainsFunc(email, other) && !strings.HasSuffix(email, ".")
}

// mailbox is an e-mail without what is not seen, in the form of its letters that compares.
func mailbox(email string) string {
	email = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(email))
	return strings.TrimSuffix(email, ".")
}

// PlanHash is the hash of what is approved: who asked, for what, and every item with its values. It changes where an
// erasure takes values away, and where the record was edited.
func PlanHash(c *Change) (string, error) {
	plan, err := hashPlan(c)
	if err != nil {
		return "", err
	}
	items, err := hashItems(c)
	if err != nil {
		return "", err
	}
	return HashBody([]byte(plan + "\n" + items)), nil
}

// ShortCode is a short name of a change, such as 7KQ4-M2VX, for people to compare. It is derived from a hash of the
// handle, so that it tells nothing of it.
func ShortCode(id string) string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's base32
	sum := sha256.Sum256([]byte("short code\x00" + id))
	var code strings.Builder
	for i, b := range sum[:8] {
		if i == 4 {
			code.WriteByte('-')
		}
		code.WriteByte(letters[b%32])
	}
	return code.String()
}

// Needs are what approvers have to say: those of its decision, or one approval where the decision has none.
func Needs(c *Change) []policy.Need {
	if len(c.Decision.Needs) == 0 {
		return []policy.Need{{Rule: c.Decision.Rule(), Needed: 1}}
	}
	return c.Decision.Needs
}

// Lacking returns the needs that approvals do not meet, with how many people each still takes. One person counts once
// for each.
func Lacking(needs []policy.Need, approvals []Approval) []policy.Need {
	var lacking []policy.Need
	for _, need := range needs {
		for _, a := range approvals {
			if need.By(a.Roles) {
				need.Needed--
			}
		}
		if need.Needed > 0 {
			lacking = append(lacking, need)
		}
	}
	return lacking
}

// Unowned reports whether people approved the change, and nobody has taken it up yet: the store hands it to the first
// who asks for what was interrupted.
func (c *Change) Unowned() bool { return c.Status == StatusApproved && len(c.Approvals) > 0 }

// MayApprove returns why a step to approved is not allowed, whatever plan was shown; nil where it is.
func MayApprove(c *Change, step Step) error {
	a := step.Approval
	switch {
	case c.Status != StatusAwaiting:
		return ErrStatusChanged
	case c.Level != policy.LevelApprover || a == nil || a.Level != policy.LevelApprover:
		return ErrUnapproved
	case c.Overdue(step.At):
		return ErrOverdue
	case !step.SelfApproval && (a.By == c.Principal || SamePerson(c.Person, a.Person)):
		return ErrSamePerson
	case !slices.Contains(a.Roles, policy.RoleApprover):
		return ErrNotApprover
	case slices.ContainsFunc(c.Approvals, func(old Approval) bool { return SamePerson(old.Person, a.Person) }):
		return ErrAlreadyApproved
	case !slices.ContainsFunc(Lacking(Needs(c), c.Approvals), func(need policy.Need) bool { return need.By(a.Roles) }):
		return ErrNotApprover
	}
	return nil
}

// approve takes the step from awaiting to approved, or, where more people are needed, adds the approval alone.
func approve(c *Change, step Step) error {
	if err := MayApprove(c, step); err != nil {
		return err
	}
	a := step.Approval
	plan, err := PlanHash(c)
	if err != nil {
		return err
	}
	if plan != a.Plan || slices.ContainsFunc(c.Approvals, func(old Approval) bool { return old.Plan != plan }) {
		return ErrPlanMoved
	}
	c.Approvals = append(slices.Clone(c.Approvals), *a.clone())
	if len(Lacking(Needs(c), c.Approvals)) > 0 {
		return nil
	}
	c.Status, c.Reason, c.Approval = StatusApproved, step.Reason, a.clone()
	c.ExpiresAt = step.At.Add(cmp.Or(c.ExecuteWithin, defaultExecuteWithin))
	return nil
}
