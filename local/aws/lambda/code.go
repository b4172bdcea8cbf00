package lambda

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// largest is how many bytes of code the account keeps of a function, zipped. On AWS an upload can have 50 MB.
const largest = 4 << 20

// packages is the class of the records with the code of functions; their id is the region and the name.
const packages = "lambda package"

// Package is the code of a function.
type Package struct {
	// Zip is the deployment package.
	Zip []byte
}

// Code is the package of a function; false if there is none.
func Code(tx *account.Tx, region, name string) (Package, bool, error) {
	var p Package
	found, err := tx.Kept(packages, region+" "+name, &p)
	return p, found, err
}

// pack reads the files of an archive, in the form of package kind, as a zip file. The same files give the same bytes.
func pack(code any) ([]byte, error) {
	object, _ := code.(map[string]any)
	files, ok, err := archive.Deserialize(object)
	if err != nil || !ok {
		return nil, errors.Join(errors.New("code has to be an archive"), err)
	}
	if away(object) {
		return nil, errors.New("code has to be an archive of files or texts: the local cloud reads none from the network")
	}
	var zip bytes.Buffer
	if err := files.Archive(archive.ZIPArchive, &zip); err != nil {
		return nil, fmt.Errorf("reading code: %w", err)
	}
	return zip.Bytes(), nil
}

// away tells whether a part of an archive is on the network.
func away(object map[string]any) bool {
	if uri, _ := object[archive.ArchiveURIProperty].(string); uri != "" {
		return true
	}
	parts, _ := object[archive.ArchiveAssetsProperty].(map[string]any)
	for _, part := range parts {
		if o, ok := part.(map[string]any); ok && (away(o) || o[resource.SigKey] == resource.AssetSig && o[asset.AssetURIProperty] != nil) {
			return true
		}
	}
	return false
}

// emptyZip is the size of a zip file without files.
const emptyZip = 22

// packed is the guard that the code can be kept.
func packed(c *kind.Call) error {
	if !recoded(c) {
		return nil
	}
	zip, err := pack(c.In["code"])
	switch {
	case err != nil:
		return err
	case len(zip) <= emptyZip:
		return kind.Refuse(invalid, "Uploaded file must be a non-empty zip")
	case len(zip) > largest:
		return fmt.Errorf("the code of the function has %d bytes, zipped; the local cloud keeps at most %d", len(zip), largest)
	}
	return nil
}

// recoded tells whether the call brings other code than there is.
func recoded(c *kind.Call) bool {
	hash := kind.Hash(c.In["code"])
	return c.Before == nil || hash == "" || hash != kind.Hash(c.Before["code"])
}

// upload keeps the code of the call's function, and says what AWS computes of it.
func upload(c *kind.Call) error {
	if !recoded(c) {
		return nil
	}
	zip, err := pack(c.In["code"])
	if err != nil {
		return err
	}
	sum := sha256.Sum256(zip)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	c.Out["codeSha256"], c.Out["sourceCodeSize"] = hash, float64(len(zip))
	if !c.In.Has("sourceCodeHash") {
		c.Out["sourceCodeHash"] = hash
	}
	return c.Tx.Keep(packages, c.Region+" "+c.ID, Package{Zip: zip})
}
