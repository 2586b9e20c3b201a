//go:build conformance

package main

import "intercom-mcp/tools/serve"

func init() { serveHTTP = serve.HTTPWithFixtures }
