// Package postgrestest starts PostgreSQL for the tests of a package, where its programs are installed.
//
// What may live here: servers for tests, and what tests do to them. A package's TestMain calls [Main], and the first
// test that needs a database starts the package's server, which ends with the package.
package postgrestest
