// Package console is the web page for people: what waits for a yes, one change in full, the trail, and the freeze.
//
// What may live here: the sign-in of people and their sessions, the pages, and the forms that decide. It renders what
// [tools.Console] tells and never talks to Intercom: what a page asks of a server goes through the store.
//
// The algorithm: every answer carries a content security policy that lets in nothing but the page's own style and
// script. A GET shows and never decides. A POST decides where four things hold: its Origin is the page's own, its
// Sec-Fetch-Site, where the browser sends one, says so too, its session is good, and its token is the HMAC of the
// form's action, change and plan under a secret of the session, so that what is decided on is what was shown. A session
// is 128 random bits in a cookie, of which the store has the SHA-256; it lasts 8 hours, until nobody has used it for
// one, or until an operator ends it in the store, which every request asks. It is a new one at each sign-in, with the
// roles of that time. The cookie is SameSite=Strict: whoever follows a link from elsewhere gets a page that opens the
// same address again from here, and the sign-in, which comes back from the identity provider, has a cookie of its own
// for ten minutes.
//
// What is not guaranteed: that a person read what they approve, or that the browser does what its person wants. A code
// from the terminal proves somebody at this machine, and no second person.
package console
