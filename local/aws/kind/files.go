package kind

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// Inputs that are assets or archives are objects with Pulumi's signature, as package face makes them.

// isFiles tells whether a value is an asset or an archive.
func isFiles(v any) bool {
	object, _ := v.(map[string]any)
	signature := object[resource.SigKey]
	return signature == resource.AssetSig || signature == resource.ArchiveSig
}

// Hash is that of the content of an asset or archive, wherever it is; empty for other values, and where Pulumi has not
// computed it.
func Hash(v any) string {
	if !isFiles(v) {
		return ""
	}
	object, _ := v.(map[string]any)
	hash, _ := object["hash"].(string)
	return hash
}
