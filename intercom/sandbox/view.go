package sandbox

// view renders the workspace as a request's answer shows it: in the request's version, and with what its query asks
// for. Its methods are in the files of their resources.
type view struct{ q *request }
