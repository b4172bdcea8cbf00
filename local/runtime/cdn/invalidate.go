package cdn

import (
	"strings"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
)

const (
	// mostPaths is how many paths without a wildcard an invalidation may have, mostWild how many with one may be in
	// progress. Here an invalidation is over at once.
	mostPaths = 3000
	mostWild  = 15
	// longestPath is in characters.
	longestPath = 4000
)

// Refusal is why CloudFront does not do what it is asked for.
type Refusal struct {
	// Code is CloudFront's, such as NoSuchDistribution.
	Code    string
	Message string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Invalidate drops what is kept of the paths, so that the next request for them goes to the origin. A path begins with a
// slash and may end with *; what has a query string in its cache key is meant with that query string only. It returns
// the id of the invalidation; the error is a *Refusal where CloudFront would answer with one.
func (p *Part) Invalidate(distribution string, paths []string) (id string, err error) {
	known := false
	err = p.env.Account.View(func(tx *account.Tx) error {
		r, err := tx.Get(cloudfront.Distribution, "", distribution)
		known = r != nil
		return err
	})
	if err != nil {
		return "", err
	}
	if !known {
		return "", &Refusal{"NoSuchDistribution", "The specified distribution does not exist."}
	}
	if err := checkPaths(paths); err != nil {
		return "", err
	}
	if s := p.site(distribution); s != nil {
		s.invalidated.Add(1) // what is under way is older than this, and is not kept
	}
	p.store.forget(distribution, paths...)
	return "I" + account.NewLetters(13), nil
}

func checkPaths(paths []string) error {
	wild := 0
	for _, path := range paths {
		switch {
		case !strings.HasPrefix(path, "/"), len(path) > longestPath,
			strings.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c >= 0x7f }):
			return &Refusal{"InvalidArgument", "Your request contains one or more invalid invalidation paths."}
		case strings.HasSuffix(path, "*"):
			wild++
		}
	}
	switch {
	case len(paths) == 0:
		return &Refusal{"InvalidArgument", "Your request contains empty/invalid/out of limits invalidation paths."}
	case len(paths) > mostPaths:
		return &Refusal{"BatchTooLarge", "Invalidation batch specified is too large."}
	case wild > mostWild:
		return &Refusal{"TooManyInvalidationsInProgress", "Processing your request will cause you to exceed the maximum number of " +
			"in-progress wildcard invalidations."}
	}
	return nil
}
