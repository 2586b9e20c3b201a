package intercom

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// DescriptionsVariable names the directory of Intercom's OpenAPI descriptions, as
// https://github.com/intercom/Intercom-OpenAPI publishes them.
const DescriptionsVariable = "INTERCOM_OPENAPI"

// DescriptionFiles are the descriptions of the versions that the client sends requests as.
var DescriptionFiles = map[string]string{"2.16": "intercom-2.16.yaml", "Preview": "intercom-preview.yaml"}

// ReadDescriptions reads them once for all tests, none of which changes them: it takes half a second.
var ReadDescriptions = sync.OnceValues(func() (map[string]*openapi3.T, error) {
	docs := make(map[string]*openapi3.T)
	for version, file := range DescriptionFiles {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(os.Getenv(DescriptionsVariable), file))
		if err != nil {
			return nil, err
		}
		docs[version] = doc
	}
	return docs, nil
})
