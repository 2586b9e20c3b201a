package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// fetched is what an address answers.
func fetched(t *testing.T, url string, edit func(*http.Request)) (int, string) {
	t.Helper()
	request, err := http.NewRequest("GET", url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	edit(request)
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestOperatorsAddress has metrics and health at an address of their own, and no longer where clients call, until the
// last call is answered.
func TestOperatorsAddress(t *testing.T) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, release := make(chan struct{}, 1), make(chan struct{})
	o := HTTPOptions{Auth: auth, Admin: l, Options: options(t, scripted{
		"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-release
			return reply(`{"done":true}`)
		},
	})}
	o.Options.Metrics = NewMetrics()
	o.Options.Metrics.DescribeBuild("v1", "abc")
	s := newSite(t, o)
	admin := "http://" + l.Addr().String()
	none := func(*http.Request) {}
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		if status, text := fetched(t, admin+path, none); status != 200 {
			t.Errorf("%s for the operator: %d %s", path, status, text)
		}
		if status, _ := fetched(t, s.url+path, bearing(issued[0])); status != 404 {
			t.Errorf("%s for clients: %d", path, status)
		}
	}
	if status, text := fetched(t, admin+"/mcp", bearing(issued[0])); status != 404 {
		t.Errorf("calls at the operator's address: %d %s", status, text)
	}
	if status, _ := fetched(t, admin+"/metrics", func(r *http.Request) { r.Host = "evil.example" }); status != 403 {
		t.Errorf("another Host: %d", status)
	}
	_, metrics := fetched(t, admin+"/metrics", none)
	for _, want := range []string{`intercom_mcp_build_info{commit="abc",go="go1.`, `version="v1"} 1`, "\ngo_goroutines ",
		"\nprocess_start_time_seconds ", "\nprocess_open_fds ", `intercom_mcp_refused_total{reason="host"} 1`} {
		if !strings.Contains(metrics, want) && !strings.HasPrefix(want, "\nprocess") { // which not every system tells
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
	p := s.peer(issued[0])
	go p.post(modernCall)
	<-started
	s.stop()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		status, text := fetched(t, admin+"/readyz", none)
		if status == 503 && text == "stopping\n" {
			break
		} else if time.Since(began) > 5*time.Second {
			t.Fatalf("/readyz while draining: %d %s", status, text)
		}
	}
	if status, _ := fetched(t, admin+"/healthz", none); status != 200 {
		t.Errorf("/healthz while draining: %d", status)
	}
	close(release)
	if raw := p.next(); !strings.Contains(string(raw), `"done":true`) {
		t.Errorf("the call under way was answered %s", raw)
	}
	<-s.done
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the operator's address is still open")
	}
}

// TestOperatorsAddressIsGuarded asks for tokens, and for what secures them, where other machines reach it.
func TestOperatorsAddressIsGuarded(t *testing.T) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	listen := func() net.Listener {
		l, err := net.Listen("tcp4", "0.0.0.0:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, test := range []struct {
		o    HTTPOptions
		want string
	}{
		{HTTPOptions{Admin: listen()}, "needs a file of tokens"},
		{HTTPOptions{Admin: listen(), Auth: auth}, "needs a certificate"},
	} {
		main, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		test.o.Options = options(t, scripted{})
		if err := HTTP(t.Context(), test.o, main); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	l := listen()
	newSite(t, HTTPOptions{Options: options(t, scripted{}), Auth: auth, Admin: l, BehindProxy: true})
	admin := strings.Replace("http://"+l.Addr().String(), "0.0.0.0", "127.0.0.1", 1)
	if status, _ := fetched(t, admin+"/metrics", func(*http.Request) {}); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	if status, text := fetched(t, admin+"/metrics", bearing(issued[0])); status != 200 {
		t.Errorf("with a token: %d %s", status, text)
	}
	if status, _ := fetched(t, admin+"/readyz", func(*http.Request) {}); status != 200 {
		t.Errorf("a probe: %d", status)
	}
}
