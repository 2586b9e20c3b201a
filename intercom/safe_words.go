package intercom

import (
	"strings"
	"sync"
)

// safeWords are the words of Intercom's error messages: those of its API's description, of the messages that are known
// from elsewhere, and of their kind. There is no name of a person among them, and no word that is one.
var safeWords = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for word := range strings.FieldsSeq(safeVocabulary) {
		words[word] = true
	}
	return words
})

const safeVocabulary = `
a about absolute accept acceptable accepted accepts access account action active added address admin admins after
again all allow allowed allowlist alphanumeric already also an and any anything anyway api app application archive
archived archiving are aren't array articles as ascending assigned assigning assignment associated association
associations at attached attempt attribute attributes audience authenticated authorization authorized available bad be
because been before being belong belongs between billing blank block blocked body boolean both broken bulk but by call
can can't cannot canonical changed changes changing channel character characters check client closed code codes
collection column company companies complete composite conditions configuration configured conflict connection
constraint contact contacts contain contained containing contains content continue conversation conversations convert
converted correct could couldn't country create created creating current currently custom customer data database
dataset date dates datetime deactivated decimal default delete deleted deleting delivery denied dependent depth
descending detach details developer did didn't different digits disabled do does doesn't don't down duplicate
duplicated duplicates during each either element elements email emails empty enabled end ensure entity error errors
exact exactly exceed exceeded exceeds exclude existing exist exists expected expired export external facebook failed
false field fields file filter filters find first float follow following for forbidden format formatted formatting
found from full gateway generic given greater group groups has have header headers history http https id identified
identifier identifiers identity ids if import in inactive include included includes incorrect index individual inline
input instance instead integer integration intercom internal into invalid ip is isn't issue it item items its itself
job jobs json key keys kind label language large last later lead leads least length less level limit limited limits
link linked list lists load locale locales lock locked long longer lookup malformed mandatory many match matches
matching max maximum may media member members membership merge merged merges merging message messages method min
minimum missing mobile model more most move multiple must name named names need needed needs negative neither network
never new next no non none not note notes nothing null number numbers numeric object objects occurred of off on once
one only operation operations operator operators option optional options or order other others out outside over
override owner owners pagination paginated pair param parameter parameters params parse part pass path pattern payload
pending per performed period permission permissions permitted phone plan please plus positive possible present preview
previous private process processed processing profile progress properties property protected provide provided public
queries query queue range rate reached read reading real reason received recognised recognized record records redirect
reference references refused region rejected related removed removing replies reply request requested requests require
required requires reserved resource resources response restart restorable restore restored restricted result results
retries retry revoked role rule same save saved schema scope scroll search second seconds segment segments select send
sent separate server service session set setting settings several shared should shorter single size skip smaller so
some sort source space specified specify standard started starting state status still storage store string strings
subject subscribed subscription subscriptions subset such sum supplied support supported suspended symbols sync system
tag tagged tags taken target targets task team teammate teammates teams temporarily temporary than that the their them
then there they this those through throttled tickets time timed timeout timestamp timestamps timezone to together
token too total tried true try trying two type types un unable unarchive unarchived unauthorized unavailable under
undefined unexpected unique unix unknown unless unprocessable unsubscribed unsupported until up update updated updates
updating upload uri url usage use used user users uses using utc uuid valid validate validation value values
verification verified verify version versions via view violates visitor visitors wait was we were whatsapp when where
whether which while whole with within without work workspace workspaces would write writing wrong yet you your zero
zone alpha asc authentication away ca charset converting custom-data datatype desc duplication kb mb mismatch common
differ facebook's four mailing odd three plural rows sms sorry text titles touch ts txt u2u utf xml
`
