package cloudfront

// The policies that AWS provides itself, by id. Settings: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
// using-managed-cache-policies.html, using-managed-origin-request-policies.html and
// using-managed-response-headers-policies.html. Those that only Amplify may use are left out.

func none() Selection { return Selection{Behavior: "none"} }
func all() Selection  { return Selection{Behavior: "all"} }

func only(names ...string) Selection { return Selection{Behavior: "whitelist", Names: names} }

// ManagedCaching is a cache policy of AWS.
func ManagedCaching(id string) (Caching, bool) {
	override := []string{"Host", "Origin", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}
	p, ok := map[string]Caching{
		"2e54312d-136d-493c-8eb9-b001f22f67d2": {
			Name: "Managed-Amplify", MinTTL: 2, DefaultTTL: 2, MaxTTL: 600, Gzip: true, Brotli: true,
			Headers: only("Authorization", "CloudFront-Viewer-Country", "Host"), Cookies: all(), QueryStrings: all(),
		},
		"4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {
			Name: "Managed-CachingDisabled", Headers: none(), Cookies: none(), QueryStrings: none(),
		},
		"658327ea-f89d-4fab-a63d-7e88639e58f6": {
			Name: "Managed-CachingOptimized", MinTTL: 1, DefaultTTL: day, MaxTTL: year, Gzip: true, Brotli: true,
			Headers: none(), Cookies: none(), QueryStrings: none(),
		},
		"b2884449-e4de-46a7-ac36-70bc7f1ddd6d": {
			Name: "Managed-CachingOptimizedForUncompressedObjects", MinTTL: 1, DefaultTTL: day, MaxTTL: year,
			Headers: none(), Cookies: none(), QueryStrings: none(),
		},
		"08627262-05a9-4f76-9ded-b50ca2e3a84f": {
			Name: "Managed-Elemental-MediaPackage", DefaultTTL: day, MaxTTL: year, Gzip: true, Brotli: true,
			Headers: only("Origin"), Cookies: none(), QueryStrings: only("m", "start", "end", "aws.manifestfilter"),
		},
		"83da9c7e-98b4-4e11-a168-04f0df8e2c65": {
			Name: "UseOriginCacheControlHeaders", MaxTTL: year, Gzip: true, Brotli: true,
			Headers: only(override...), Cookies: all(), QueryStrings: none(),
		},
		"4cc15a8a-d715-48a4-82b8-cc0b614638fe": {
			Name: "UseOriginCacheControlHeaders-QueryStrings", MaxTTL: year, Gzip: true, Brotli: true,
			Headers: only(override...), Cookies: all(), QueryStrings: all(),
		},
	}[id]
	return p, ok
}

// ManagedForwarding is an origin request policy of AWS.
func ManagedForwarding(id string) (Forwarding, bool) {
	p, ok := map[string]Forwarding{
		"216adef6-5c7f-47e4-b989-5492eafa07d3": {
			Name: "Managed-AllViewer", Headers: Selection{Behavior: "allViewer"}, Cookies: all(), QueryStrings: all(),
		},
		"33f36d7e-f396-46d9-90e0-52428a34d9dc": {
			Name: "Managed-AllViewerAndCloudFrontHeaders-2022-06", Headers: Selection{"allViewerAndWhitelistCloudFront", headersOf2022()},
			Cookies: all(), QueryStrings: all(),
		},
		"b689b0a8-53d0-40ab-baf2-68738e2966ac": {
			Name: "Managed-AllViewerExceptHostHeader", Headers: Selection{"allExcept", []string{"Host"}}, Cookies: all(), QueryStrings: all(),
		},
		"59781a5b-3903-41f3-afcb-af62929ccde1": {
			Name: "Managed-CORS-CustomOrigin", Headers: only("Origin"), Cookies: none(), QueryStrings: none(),
		},
		"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": {
			Name:    "Managed-CORS-S3Origin",
			Headers: only("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"), Cookies: none(), QueryStrings: none(),
		},
		"775133bc-15f2-49f9-abea-afb2e0bf67d2": {
			Name:    "Managed-Elemental-MediaTailor-PersonalizedManifests",
			Headers: only("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method", "User-Agent", "X-Forwarded-For"),
			Cookies: none(), QueryStrings: all(),
		},
		"bf0718e1-ba1e-49d1-88b1-f726733018ae": {
			Name: "Managed-HostHeaderOnly", Headers: only("Host"), Cookies: none(), QueryStrings: none(),
		},
		"acba4595-bd28-49b8-b9fe-13317c0390fa": {
			Name: "Managed-UserAgentRefererHeaders", Headers: only("User-Agent", "Referer"), Cookies: none(), QueryStrings: none(),
		},
	}[id]
	return p, ok
}

// headersOf2022 are the headers that CloudFront could add in June 2022.
func headersOf2022() []string {
	var names []string
	for _, about := range []string{
		"Forwarded-Proto", "Is-Android-Viewer", "Is-Desktop-Viewer", "Is-IOS-Viewer", "Is-Mobile-Viewer", "Is-SmartTV-Viewer",
		"Is-Tablet-Viewer", "Viewer-Address", "Viewer-ASN", "Viewer-City", "Viewer-Country", "Viewer-Country-Name",
		"Viewer-Country-Region", "Viewer-Country-Region-Name", "Viewer-Http-Version", "Viewer-Latitude", "Viewer-Longitude",
		"Viewer-Metro-Code", "Viewer-Postal-Code", "Viewer-Time-Zone", "Viewer-TLS",
	} {
		names = append(names, "CloudFront-"+about)
	}
	return names
}

// ManagedResponseHeaders is a response headers policy of AWS.
func ManagedResponseHeaders(id string) (ResponseHeaders, bool) {
	simple := &CORS{Origins: []string{"*"}}
	preflight := &CORS{
		Origins: []string{"*"}, Expose: []string{"*"},
		Methods: []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
	}
	security := []Header{
		{"Referrer-Policy", "strict-origin-when-cross-origin", false}, {"Strict-Transport-Security", "max-age=31536000", false},
		{"X-Content-Type-Options", "nosniff", true}, {"X-Frame-Options", "SAMEORIGIN", false},
		{"X-XSS-Protection", "1; mode=block", false},
	}
	p, ok := map[string]ResponseHeaders{
		"e61eb60c-9c35-4d20-a928-2b84e02af89c": {Name: "Managed-CORS-and-SecurityHeadersPolicy", CORS: simple, Add: security},
		"5cc3b908-e619-4b99-88e5-2cf7f45965bd": {Name: "Managed-CORS-With-Preflight", CORS: preflight},
		"eaab4381-ed33-4a86-88ca-d9558dc6cd63": {
			Name: "Managed-CORS-with-preflight-and-SecurityHeadersPolicy", CORS: preflight, Add: security,
		},
		"67f7725c-6f97-4210-82d7-5512b31e9d03": {Name: "Managed-SecurityHeadersPolicy", Add: security},
		"60669652-455b-4ae9-85a4-c4c02393f86c": {Name: "Managed-SimpleCORS", CORS: simple},
	}[id]
	return p, ok
}
