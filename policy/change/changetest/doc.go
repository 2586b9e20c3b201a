// Package changetest holds the contract of [change.Store] as a suite that every store runs: [Run], one row per
// behaviour.
//
// What may live here: the suite, and the changes that tests of stores are made of. What only one store promises is
// tested beside that store.
package changetest
