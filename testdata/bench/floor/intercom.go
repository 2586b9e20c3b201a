package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// intercom is a bare client.
type intercom struct {
	url, token string
	client     *http.Client

	once   sync.Once
	tags   []tag
	failed error
}

// do makes a request and decodes its answer.
func (api *intercom) do(ctx context.Context, method, path string, body, into any) error {
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(ctx, method, api.url+path, payload)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+api.token)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := api.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("intercom answered %s", answer.Status)
	}
	return json.Unmarshal(text, into)
}
