// Package directory finds the records that an agent names, and reads many of them in few requests.
//
// What may live here: the cached small lists ([Lists]: tags, segments, teammates, attributes), what a written
// reference means ([Resolver]), and reads of many contacts, their tags and their companies. Nothing here writes.
//
// A list serves for five minutes; a name that is not found refreshes it once. Up to [FewContacts] contacts are read
// by id, more by search with the rest by id. A search lags behind the records, up to minutes: who must not write over
// somebody else's edit uses [ReadFresh], which reads up to [FreshContacts] contacts by id and says when it did not.
package directory
