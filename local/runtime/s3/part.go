// Package s3 makes buckets real: it answers S3's requests for objects as AWS does, and keeps them in the store of the
// account.
//
// Known are PutObject, GetObject, HeadObject, DeleteObject and ListObjectsV2, signed in the header Authorization, over
// HTTPS, with the bucket in the host's name or in the path. What a request asks for beyond that is refused with
// NotImplemented, never left out. Not here: versions (what is overwritten or deleted is gone, whatever the bucket's
// versioning says), lifecycle rules (nothing expires), replication, events, checksums other than MD5 and SHA-256, parts
// of large uploads, and requests without credentials, which are refused.
package s3

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/objects"
	"wordpress-ecs/local/runtime/part"
	"wordpress-ecs/local/runtime/sigv4"
)

const (
	bucketType    = "aws:s3/bucketV2:BucketV2"
	policyType    = "aws:s3/bucketPolicy:BucketPolicy"
	ownershipType = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
)

// Env is what the part needs.
type Env struct {
	Account *account.Account
	Objects *objects.Store
	// Keys know who signs requests.
	Keys *sigv4.Keys
	// Say gets what happens while nobody waits for it.
	Say part.Say
}

// Part keeps buckets.
type Part struct{ env Env }

var (
	_ part.Part    = (*Part)(nil)
	_ http.Handler = (*Part)(nil)
)

// New returns the part.
func New(e Env) *Part { return &Part{e} }

// Types are those that it makes real.
func (p *Part) Types() []string { return []string{bucketType} }

// Run removes objects of buckets that are gone: a process that died may have left them.
func (p *Part) Run(ctx context.Context, wake <-chan struct{}) error {
	for {
		if err := p.tidy(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		}
	}
}

func (p *Part) tidy() error {
	// The store first: a bucket is in the account before anything is put into it.
	kept, err := p.env.Objects.Buckets()
	if err != nil {
		return err
	}
	all, err := p.buckets()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range all {
		known[r.ID] = true
	}
	for _, name := range kept {
		if known[name] {
			continue
		}
		if err := p.env.Objects.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// Await has nothing to wait for.
func (p *Part) Await(context.Context, account.Resource, part.Say) error { return nil }

// Release has nothing to end: the bucket's deletion in the account takes its objects.
func (p *Part) Release(context.Context, account.Resource, part.Say) error { return nil }

// Suspend has nothing to stop.
func (p *Part) Suspend(context.Context, part.Say) error { return nil }

// Status tells of every bucket what is in it.
func (p *Part) Status(context.Context) ([]part.Row, error) {
	all, err := p.buckets()
	if err != nil {
		return nil, err
	}
	rows := make([]part.Row, 0, len(all))
	for _, r := range all {
		list, err := p.env.Objects.List(r.ID, "")
		if err != nil {
			return nil, err
		}
		size := int64(0)
		for _, o := range list {
			size += o.Size
		}
		const kilobyte = 1000
		rows = append(rows, part.Row{
			Kind: "bucket", Name: r.ID, State: "available", Stack: part.Stack(r),
			Detail: fmt.Sprintf("%d objects, %d kB", len(list), (size+kilobyte-1)/kilobyte),
		})
	}
	return rows, nil
}

func (p *Part) buckets() (list []account.Resource, err error) {
	err = p.env.Account.View(func(tx *account.Tx) (err error) {
		list, err = tx.ByType(bucketType)
		return err
	})
	return list, err
}

// Hosts are the names by which the buckets of the account are asked for objects now: that of each bucket, and that of
// each region that has one, with the bucket in the path. A region that is named is among them in any case.
func (p *Part) Hosts(region string) ([]string, error) {
	all, err := p.buckets()
	if err != nil {
		return nil, err
	}
	names := []string{service + "." + region + domain}
	seen := map[string]bool{region: true}
	for _, r := range all {
		if !seen[r.Region] {
			seen[r.Region] = true
			names = append(names, service+"."+r.Region+domain)
		}
		names = append(names, r.ID+"."+service+"."+r.Region+domain)
	}
	return names, nil
}

// there tells whether a resource exists at a moment.
func there(r *account.Resource, now time.Time) bool {
	return r != nil && (r.Gone.IsZero() || now.Before(r.Gone))
}
