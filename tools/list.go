package tools

// ListInput chooses the page of a list that is listed whole.
type ListInput struct {
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=150"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}
