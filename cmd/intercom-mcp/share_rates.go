package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// shareRates has all who use the store and the access token share its rate windows, clients of them where the store
// cannot be reached. What is in memory is shared with nobody.
func shareRates(store change.Store, config intercom.Config, clients int) intercom.Share {
	if _, shared := store.(change.Durable); !shared {
		return intercom.Share{}
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{"intercom-mcp rate", string(config.Region), config.BaseURL,
		config.Token}, "\x00")))
	key := hex.EncodeToString(sum[:8])
	return intercom.Share{Clients: clients,
		Lease: func(ctx context.Context, epoch int64, limit, want int) (granted, left int, err error) {
			return store.Shared().Rates.Lease(ctx, key, epoch, limit, want)
		}}
}
