package notify

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestSign signs as Standard Webhooks has it: this is the example of its libraries.
func TestSign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	text := "# current\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := LoadSecrets(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	body := []byte(`{"test": 2432232314}`)
	if got := s.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), body); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := os.WriteFile(path, []byte(text+"whsec_"+strings.Repeat("AAAA", 8)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = LoadSecrets(path); err != nil {
		t.Fatal(err)
	}
	if got := s.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), body); !strings.HasPrefix(got,
		want+" v1,") {
		t.Errorf("of two secrets: %s", got)
	}
}

// TestLoadSecrets makes a file that only its owner may read, and refuses what is no secret without showing it.
func TestLoadSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	made, err := LoadSecrets(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Error(info.Mode(), err)
	}
	again, err := LoadSecrets(path)
	if err != nil || again.sign("a", time.Unix(1, 0), nil) != made.sign("a", time.Unix(1, 0), nil) {
		t.Errorf("read again: %v", err)
	}
	for name, text := range map[string]string{
		"empty": "\n", "no prefix": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "no base64": "whsec_MfKQ9r8GKYq!",
		"short": "whsec_MfKQ9r8G", "long": "whsec_" + strings.Repeat("MfKQ", 30), "large": strings.Repeat("#", 100_000),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadSecrets(path); err == nil || strings.Contains(err.Error(), "MfKQ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadSecrets(filepath.Join(path, "below a file")); err == nil {
		t.Error("where no file can be")
	}
}

// TestPost posts over a network: what was signed is what arrives, a redirect is not followed, and a receiver that is
// not there is named without its path.
func TestPost(t *testing.T) {
	secrets := Secrets{[][]byte{make([]byte, 32)}}
	followed := false
	mux := http.NewServeMux()
	mux.HandleFunc("POST /moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/there", func(http.ResponseWriter, *http.Request) { followed = true })
	mux.HandleFunc("POST /hook", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		at, atErr := time.Parse(time.DateTime, "1970-01-01 00:00:00")
		seconds, secondsErr := time.ParseDuration(r.Header.Get("Webhook-Timestamp") + "s")
		if err != nil || atErr != nil || secondsErr != nil || r.Header.Get("Content-Type") != "application/json" ||
			r.Header.Get("Webhook-Signature") != secrets.sign(r.Header.Get("Webhook-Id"), at.Add(seconds), body) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	send := func(url string, secrets Secrets) error {
		p := newPoster(url, secrets, nil)
		defer p.close()
		_, err := p.send(t.Context(), "ntc_1", []byte(`{"text":"a"}`))
		return err
	}
	if err := send(server.URL+"/hook", secrets); err != nil {
		t.Error(err)
	}
	if err := send(server.URL+"/hook", Secrets{}); err == nil || err.Error() != "HTTP 401" {
		t.Errorf("unsigned: %v", err)
	}
	if err := send(server.URL+"/moved", secrets); err == nil || err.Error() != "HTTP 307" || followed {
		t.Errorf("redirected: %v, followed: %t", err, followed)
	}
	server.Close()
	if err := send(server.URL+"/path-secret", secrets); err == nil || strings.Contains(err.Error(), "path-secret") {
		t.Errorf("without a receiver: %v", err)
	}
}
