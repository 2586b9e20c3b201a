package intercom_test

import (
	"context"
	"fmt"
	"log"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// A client of the embedded Intercom; leave Transport out for the real one.
func Example() {
	client, err := intercom.New(intercom.Config{Token: "any", Transport: sandbox.New(sandbox.Options{})})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	bounced := intercom.SearchRequest{
		Query: intercom.Filter{Field: "has_hard_bounced", Operator: intercom.Equal, Value: true},
	}
	n := 0
	for contact, err := range client.Contacts.SearchAll(ctx, bounced) {
		if err != nil {
			log.Fatal(err)
		}
		if contact.UnsubscribedFromEmails {
			n++
		}
	}
	fmt.Println(n > 0)

	_, err = client.Contacts.Get(ctx, "../admins")
	fmt.Println(intercom.KindOf(err))
	// Output:
	// true
	// invalid
}
