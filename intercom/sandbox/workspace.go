package sandbox

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// The random streams of a seed, one for each kind of value, so that more of
// one kind does not change another.
const (
	streamRequests uint64 = iota + 1
	streamIDs
	streamCompanies
	streamContacts // and all above: one for each contact
)

// workspace is all that is stored. It knows no HTTP.
type workspace struct {
	id        string // id_code of its app
	zone      *time.Location
	region    string
	lag       time.Duration // Options.SearchLag
	bulkDelay time.Duration
	rounding  bool // Options.RoundValues
	createdAt int64

	contacts   map[string]*contact // by id
	companies  map[string]*company // by id
	attributes []*Attribute
	tags       []*Tag
	notes      noteBook
	segments   []*segment
	plans      []planJSON
	admins     []*Admin
	topics     []*subscriptionType
	scroll     *companyScroll
	jobs       []*bulkJob
	tasks      int         // bulk tasks so far
	queue      []*bulkTask // not done yet, the first due first

	people []*contact // contacts in the order they came
	firms  []*company // companies in the order they came

	failing map[string]*apiError // by contact id, see Sandbox.FailContact

	machine  [5]byte // the middle of every hex id
	serial   uint32  // the last hex id's end
	decimals int64   // the last decimal id
	cursors  *rand.Rand
}

func newWorkspace(opts Options, zone *time.Location) *workspace {
	w := &workspace{
		id:        cmp.Or(opts.WorkspaceID, "sandbox01"),
		zone:      zone,
		region:    opts.Region,
		lag:       opts.SearchLag,
		bulkDelay: opts.BulkDelay,
		rounding:  opts.RoundValues,
		createdAt: workspaceCreated,
		contacts:  make(map[string]*contact, opts.Contacts),
		companies: make(map[string]*company, opts.Companies),
		failing:   make(map[string]*apiError),
		notes:     noteBook{byID: make(map[string]*Note), of: make(map[string][]*Note)},
		serial:    firstSerial,
		decimals:  firstDecimal,
		cursors:   rand.New(rand.NewPCG(opts.Seed, streamIDs)),
	}
	var middle [8]byte
	binary.BigEndian.PutUint64(middle[:], w.cursors.Uint64())
	copy(w.machine[:], middle[:])
	return w
}

// Serial numbers below firstSerial belong to the seed, which gives each of
// its objects a fixed one.
const (
	firstSerial  = 0x800000
	firstDecimal = 900000
)

// hexID makes an id of the form that contacts, companies and segments have:
// the creation time, five bytes of the workspace, and a serial number.
func (w *workspace) hexID(created int64, serial uint32) string {
	return fmt.Sprintf("%08x%x%06x", uint32(created), w.machine, serial&0xffffff)
}

// nextHexID makes the id of an object that is created now.
func (w *workspace) nextHexID(now int64) string {
	w.serial++
	return w.hexID(now, w.serial)
}

// nextDecimal makes an id of the form that tags and notes have.
func (w *workspace) nextDecimal() string {
	w.decimals++
	return strconv.FormatInt(w.decimals, 10)
}

// catchUp applies what time alone changes: due bulk tasks, and the end of an
// idle scroll.
func (w *workspace) catchUp(now time.Time) {
	w.runTasks(now)
	if w.scroll != nil && now.Sub(w.scroll.used) > scrollIdle {
		w.scroll = nil
	}
}
