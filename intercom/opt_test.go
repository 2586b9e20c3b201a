package intercom

import (
	"encoding/json"
	"testing"
)

func TestOpt(t *testing.T) {
	type fields struct {
		Absent Opt[string] `json:"absent,omitzero"`
		Null   Opt[string] `json:"null,omitzero"`
		Set    Opt[bool]   `json:"set,omitzero"`
		Time   Opt[Time]   `json:"time,omitzero"`
	}
	in := fields{Null: Null[string](), Set: Value(false), Time: Value(Unix(5))}
	data, err := json.Marshal(in)
	if want := `{"null":null,"set":false,"time":5}`; err != nil || string(data) != want {
		t.Errorf("marshalled to %s, %v; want %s", data, err, want)
	}
	var out fields
	if err := json.Unmarshal(data, &out); err != nil || out != in {
		t.Errorf("came back as %+v, %v", out, err)
	}
	if _, set := out.Null.Get(); set || !out.Null.IsNull() || out.Null.IsZero() {
		t.Error("null is not null")
	}
	if v, set := out.Set.Get(); !set || v || out.Set.IsNull() {
		t.Error("false is not set")
	}
	if err := json.Unmarshal([]byte(`{"set":"yes"}`), &out); err == nil {
		t.Error("text went for a bool")
	}
}
