package demo

import (
	"slices"
	"testing"
)

// proposed is what matters here of the console's page of a proposal.
const proposed = `<p class="soft">Proposal <span class="code">AB12-CD34</span> · compare this code</p>
<h1><bdi>Somebody</bdi> wants to <bdi>update 2 contacts</bdi></h1>
<form method="post" action="/console/sign-out"><input type="hidden" name="token" value="other"></form>
<ul class="facts">
<li><b>2 will change</b>all that are listed</li>
<li><b>Why somebody is asked</b><span>rule “a &amp; b”, policy.yaml line 4</span><br></li>
</ul>
<tbody><tr role="row"><td role="cell" data-is="Who"><bdi>ann@acme.example</bdi><br><span>68b7</span></td>` +
	`<td role="cell" class="field-name" data-is="Field">plan</td>` +
	`<td role="cell" data-is="Now"><del><bdi>free</bdi></del></td>` +
	`<td role="cell" data-is="Then"><ins><bdi>pro</bdi></ins></td></tr></tbody>
<form method="post" action="/console/changes/chg_1/decide"><input type="hidden" name="token" value="a&#43;b">` +
	`<input type="hidden" name="plan" value="p"><button name="decision" value="approve">Approve</button></form>`

// TestPage reads a page, and takes the fields of its form.
func TestPage(t *testing.T) {
	if got, want := linesOf(proposed), []string{
		"Proposal AB12-CD34 · compare this code",
		"Somebody wants to update 2 contacts",
		"2 will change: all that are listed",
		"Why somebody is asked: rule “a & b”, policy.yaml line 4",
	}; !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
	if got, want := rowsOf(proposed), []string{"  ann@acme.example  plan: free → pro"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	form, err := formOf(proposed, "/console/changes/chg_1/decide")
	if err != nil || form.Encode() != "plan=p&token=a%2Bb" {
		t.Errorf("form %v, error %v", form, err)
	}
	if form, err := formOf(proposed, "/console/changes/chg_2/decide"); err == nil {
		t.Errorf("a form for another change: %v", form)
	}
}

// TestAnnouncements finds address and codes in what the console prints, whatever the pieces it comes in.
func TestAnnouncements(t *testing.T) {
	a := &announcements{address: make(chan string, 1), codes: make(chan string, 1)}
	for _, piece := range []string{
		"The console is at http://127.0.0.1:4", "100/console (stop it with Ctrl-C).\n09:00:00  code AB",
		"CDE-12345, which works once\n", "09:00:01  code ZZZZZ-99999, which works once\n", // this one has no taker
	} {
		if n, err := a.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	if address, code := <-a.address, <-a.codes; address != "http://127.0.0.1:4100" || code != "ABCDE-12345" {
		t.Errorf("address %q, code %q", address, code)
	}
}
