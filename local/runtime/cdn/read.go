package cdn

import (
	"fmt"
	"slices"
	"time"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/cloudfront"
	"wordpress-ecs/local/runtime/part"
)

// certificateType is that of the certificates that distributions name.
const certificateType = "aws:acm/certificate:Certificate"

// wanted is what the account says about distributions.
type wanted struct {
	deliveries map[string]delivery
	// wrong are distributions that lack what they stand on, and why.
	wrong map[string]error
	ports ports
	// unable is what is asked for and not done here, a line each.
	unable []string
}

type delivery struct {
	cloudfront.Delivery
	stack     string
	certified []string
}

func (p *Part) read() (*wanted, error) {
	w := &wanted{deliveries: map[string]delivery{}, wrong: map[string]error{}}
	err := p.env.Account.View(func(tx *account.Tx) error {
		if _, err := tx.Kept(portClass, portID, &w.ports); err != nil {
			return err
		}
		all, err := tx.ByType(cloudfront.Distribution)
		if err != nil {
			return err
		}
		for _, r := range all {
			if p.gone(r.ID) {
				continue
			}
			d, err := cloudfront.Resolve(tx, r)
			if err != nil {
				// The others are served all the same.
				w.wrong[r.ID] = fmt.Errorf("distribution %s: %w", r.ID, err)
				w.unable = append(w.unable, w.wrong[r.ID].Error())
				continue
			}
			certified, err := certifiedNames(tx, d.Certificate)
			if err != nil {
				return err
			}
			w.deliveries[r.ID] = delivery{d, part.Stack(r), certified}
			w.limits(d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("distributions: %w", err)
	}
	return w, nil
}

// limits notes what a distribution asks for in vain.
func (w *wanted) limits(d cloudfront.Delivery) {
	say := func(format string, args ...any) {
		w.unable = append(w.unable, fmt.Sprintf("distribution %s: ", d.ID)+fmt.Sprintf(format, args...))
	}
	if d.HTTPVersion == "http3" || d.HTTPVersion == "http2and3" {
		say("HTTP/3 is not spoken here")
	}
	if d.Geo == whitelist || d.Geo == "blacklist" {
		say("all viewers are on this machine: the geographic restriction keeps nobody out here")
	}
	for _, b := range d.Behaviors {
		for _, code := range []*cloudfront.Code{b.ViewerRequest, b.ViewerResponse} {
			if code != nil && code.Runtime != "cloudfront-js-2.0" {
				say("function %s of runtime %s runs as cloudfront-js-2.0 here", code.Name, code.Runtime)
			}
		}
	}
	for _, o := range d.Origins {
		if o.AccessControl != nil && o.AccessControl.OriginType != "s3" {
			say("requests to origin %s of type %s are not signed here", o.ID, o.AccessControl.OriginType)
		}
	}
}

// certifiedNames are the names in a certificate of the account.
func certifiedNames(tx *account.Tx, arn string) ([]string, error) {
	if arn == "" {
		return nil, nil
	}
	all, err := tx.ByType(certificateType)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Outputs.String("arn") == arn {
			var names []string
			for _, name := range append([]string{c.Outputs.String("domainName")}, c.Outputs.Strings("subjectAlternativeNames")...) {
				if name != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			return names, nil
		}
	}
	return nil, nil
}

// gone tells whether a distribution is about to leave the account.
func (p *Part) gone(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.released[id]
	return ok && time.Since(at) < forgetting
}
