package intercom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// request is one call before it meets the network. Services build it from a
// class of retries and a pattern such as "GET /contacts/{id}".
type request struct {
	class   class
	method  string
	route   string    // the pattern's path
	args    []string  // one value for each placeholder
	named   []namedID // ids that travel in the body
	query   url.Values
	body    any     // marshalled to JSON, nil for none
	version version // "" stands for the client's
	// invalid is a mistake found while the request was built.
	invalid error
	// emptyOK accepts an answer without a body.
	emptyOK bool
	// goneIsDone takes a 404 after an attempt of unknown outcome as proof that the attempt took effect.
	goneIsDone bool
	// about is the id of the object that the answer must have, "" for any.
	about string
	// optional marks what not every workspace has: see noRequest.
	optional bool
	// partial is content with a list from which what cannot be read is left out.
	partial bool
	// goneIsUnknown takes such a 404 as no proof either way.
	goneIsUnknown bool
}

// namedID is an id and what it is the id of.
type namedID struct{ what, id string }

// safeRead, idempotent, absolute and onceOnly start requests of the classes of the retry matrix.
func safeRead(pattern string, args ...string) request { return newRequest(classRead, pattern, args) }

func idempotent(pattern string, args ...string) request {
	return newRequest(classIdempotent, pattern, args)
}

func absolute(pattern string, args ...string) request {
	return newRequest(classAbsolute, pattern, args)
}

func onceOnly(pattern string, args ...string) request { return newRequest(classOnce, pattern, args) }

func newRequest(class class, pattern string, args []string) request {
	method, route, _ := strings.Cut(pattern, " ")
	r := request{class: class, method: method, route: route, args: args, query: url.Values{}}
	if strings.HasSuffix(route, "id}") && !strings.HasSuffix(route, "{"+freeText+"}") && len(args) > 0 {
		r.about = args[len(args)-1]
	}
	return r
}

// with sets the body.
func (r request) with(body any) request {
	r.body = body
	return r
}

// param adds a query parameter, unless its value is empty.
func (r request) param(name, value string) request {
	if value != "" {
		r.query.Set(name, value)
	}
	return r
}

// naming checks an id of the body like the ids of the path.
func (r request) naming(what, id string) request {
	r.named = append(r.named, namedID{what, id})
	return r
}

// preview sends the request as version Preview, the only one to have it.
func (r request) preview() request {
	r.version = versionPreview
	return r
}

// answering says which object the answer must have; it is the last of the path otherwise.
func (r request) answering(id string) request {
	r.about = id
	return r
}

// ifOffered marks a request that not every workspace takes.
func (r request) ifOffered() request {
	r.optional = true
	return r
}

// since sends the request with version 2.minor, the lowest that has it, where the client's own version is older.
func (r request) since(minor int, own version) request {
	if own.before(minor) {
		r.version = version("2." + strconv.Itoa(minor))
	}
	return r
}

// refuse has the request refused before anything is sent.
func (r request) refuse(err error) request {
	r.invalid = err
	return r
}

// noContent accepts an answer without a body.
func (r request) noContent() request {
	r.emptyOK = true
	return r
}

// doneWhenGone takes a 404 on a retry as success.
func (r request) doneWhenGone() request {
	r.goneIsDone = true
	return r
}

// unknownWhenGone takes a 404 on a retry as no proof: the contact may have existed at the first attempt.
func (r request) unknownWhenGone() request {
	r.goneIsUnknown = true
	return r
}

// isID reports whether a text looks like every id that Intercom gives out: 1 to 64 letters, digits, _ or -.
func isID(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', 'A' <= b && b <= 'Z', b == '_', b == '-':
		default:
			return false
		}
	}
	return text != "" && len(text) <= 64
}

// maxExternalID is the longest external id, in bytes: the length of Intercom's
// string attributes, in characters of four bytes.
const maxExternalID = 4 * 255

// freeText is the placeholder whose values Intercom did not choose: they are
// escaped, while those of all others must look like an id.
const freeText = "external_id"

// path puts the arguments into the route's placeholders. The result is escaped, and no argument can change which route
// it is. Shown is the same without free text, which may be personal.
func (r request) path() (path, shown string, err error) {
	rest, args := r.route, r.args
	for {
		before, after, found := strings.Cut(rest, "{")
		path, shown = path+before, shown+before
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		if len(args) == 0 {
			return "", "", fmt.Errorf("%s has no value", name)
		}
		if err := checkElement(name, args[0]); err != nil {
			return "", "", err
		}
		path += url.PathEscape(args[0])
		if name == freeText {
			shown += "{" + name + "}"
		} else {
			shown += args[0]
		}
		rest, args = tail, args[1:]
	}
	for _, ref := range r.named {
		if err := checkElement(ref.what, ref.id); err != nil {
			return "", "", err
		}
	}
	return path, shown, nil
}

func checkElement(name, value string) error {
	switch {
	case value == "":
		return fmt.Errorf("%s is empty", name)
	case name != freeText && !isID(value):
		return fmt.Errorf("%s %.40q is no id: want 1 to 64 letters, digits, _ or -", name, value)
	case value == "." || value == "..":
		return fmt.Errorf("%s %q would change the path", name, value)
	case len(value) > maxExternalID:
		return fmt.Errorf("%s is longer than %d bytes", name, maxExternalID)
	}
	return nil
}

// prepared is a request that passed all local checks, ready to be sent as often as need be.
type prepared struct {
	request request
	shown   string // the path, for errors and observers
	url     string
	payload []byte // nil for none
}

// prepare checks r and renders it. Its error is of KindInvalid, and then not a byte is sent.
func (c *connection) prepare(r request) (*prepared, error) {
	p := &prepared{request: r}
	if p.request.version == "" {
		p.request.version = c.version
	}
	path, shown, err := r.path()
	if err == nil {
		err = r.invalid
	}
	if err == nil && r.body != nil {
		p.payload, err = json.Marshal(r.body)
	}
	if err != nil {
		return nil, &Error{Method: r.method, Path: r.route, Message: err.Error(), Err: err, kind: KindInvalid}
	}
	p.shown = shown
	p.url = c.base.String() + path
	if len(r.query) > 0 {
		p.url += "?" + r.query.Encode()
	}
	return p, nil
}

// header is the header that every request carries.
func (c *connection) header(p *prepared) http.Header {
	h := http.Header{
		"Authorization":    {"Bearer " + *c.token.Load()},
		"Accept":           {"application/json"},
		"Intercom-Version": {string(p.request.version)},
		"User-Agent":       {c.userAgent},
	}
	if p.payload != nil {
		h.Set("Content-Type", "application/json")
	}
	return h
}
