package strictjson

import "testing"

func TestEncode(t *testing.T) {
	if got, err := Encode(map[string]string{"a": "<b> & c\n"}); err != nil || string(got) != `{"a":"<b> & c\n"}` {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := Encode(func() {}); err == nil || got != nil {
		t.Errorf("%s, %v", got, err)
	}
}
