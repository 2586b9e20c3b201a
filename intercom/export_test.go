package intercom

// MethodRequests are the methods of the services and, of each, a request that
// it sends: method, path and query. TestOperationsOnTheWire holds them.
func MethodRequests() map[string]string {
	requests := make(map[string]string)
	for _, op := range operations() {
		requests[op.name] = op.request
	}
	return requests
}
