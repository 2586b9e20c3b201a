package serve

import (
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/serve/internal/auth"
)

// Tokens knows the bearer tokens that may call the server, from a file with one line for each: see [TokenLine]. It is
// safe for concurrent use.
type Tokens = auth.Tokens

// LoadTokens reads the file of tokens at path.
func LoadTokens(path string) (*Tokens, error) { return auth.LoadTokens(path) }

// TokenFile is a file of tokens that is edited.
type TokenFile = auth.TokenFile

// TokenLine is one line of a file of tokens.
type TokenLine = auth.TokenLine

// SealKeys are the keys that seal what clients carry from an elicitation to its answer. It is safe for concurrent use.
type SealKeys = auth.SealKeys

// LoadSealKeys reads the file of keys at path. Where there is none it is made, with one new key that only its owner may
// read.
func LoadSealKeys(path string) (*SealKeys, error) { return auth.LoadSealKeys(path) }

// ShareSealKeys returns the keys of all servers that share a store. A question that one of them asked is answered
// through any.
func ShareSealKeys(store change.Seals) *SealKeys { return auth.ShareSealKeys(store) }

// Issuer admits the bearers of an identity provider's access tokens. It is safe for concurrent use.
type Issuer = auth.Issuer

// IssuerConfig is what an operator says of an identity provider.
type IssuerConfig = auth.IssuerConfig

// NewIssuer returns an issuer. The identity provider is asked when the first token comes.
func NewIssuer(config IssuerConfig) (*Issuer, error) { return auth.NewIssuer(config, nil) }

// SignIn has people sign in to the console at an identity provider. It is safe for concurrent use.
type SignIn = auth.SignIn

// SignInConfig is what an operator says of the client as which the server has people sign in: see [Issuer.SignIn].
type SignInConfig = auth.SignInConfig

// ModeOfScopes is the widest mode that scopes of an identity provider's token allow, and whether they allow any.
func ModeOfScopes(scopes []string) (mode policy.Mode, granted bool) { return auth.ModeOfScopes(scopes) }

// Scopes are those that a mode can make use of.
func Scopes(mode policy.Mode) []string { return auth.Scopes(mode) }

// CheckUnshared refuses a file that others than its owner may write, or replace since they may write to its folder, and
// names the command that mends it; where there is no file yet it looks at the folder alone. On Windows, whose files
// have access lists in the place of modes, it checks nothing.
func CheckUnshared(path string) error { return auth.CheckUnshared(path) }

// CheckPrivate refuses a file that others than its owner may read or write. On Windows it checks nothing.
func CheckPrivate(path string) error { return auth.CheckPrivate(path) }
