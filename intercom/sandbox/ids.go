package sandbox

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// The random streams of a seed, one for each kind of value, so that more of one kind does not change another.
const (
	streamRequests uint64 = iota + 1
	streamIDs
	streamCompanies
	streamContacts // and all above: one for each contact
)

// idSource makes the ids of a workspace, which follow from its seed.
type idSource struct {
	machine  [5]byte // the middle of every hex id
	serial   uint32  // the last hex id's end
	decimals int64   // the last decimal id
	random   *rand.Rand
}

func newIDSource(seed uint64) idSource {
	s := idSource{serial: firstSerial, decimals: firstDecimal, random: rand.New(rand.NewPCG(seed, streamIDs))}
	var middle [8]byte
	binary.BigEndian.PutUint64(middle[:], s.random.Uint64())
	copy(s.machine[:], middle[:])
	return s
}

// Serial numbers below firstSerial belong to the seed, which gives each of its objects a fixed one.
const (
	firstSerial  = 0x800000
	firstDecimal = 900000
)

// hex makes an id of the form that contacts, companies and segments have:
// the creation time, five bytes of the workspace, and a serial number.
func (s *idSource) hex(created int64, serial uint32) string {
	return fmt.Sprintf("%08x%x%06x", uint32(created), s.machine, serial&0xffffff)
}

// nextHex makes the id of an object that is created now.
func (s *idSource) nextHex(now int64) string {
	s.serial++
	return s.hex(now, s.serial)
}

// nextDecimal makes an id of the form that tags and notes have.
func (s *idSource) nextDecimal() string {
	s.decimals++
	return strconv.FormatInt(s.decimals, 10)
}
