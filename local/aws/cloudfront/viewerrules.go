package cloudfront

import (
	"fmt"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/aws/kind"
)

// defaultProtocol is the security policy of CloudFront's own certificate, and the provider's default.
const defaultProtocol = "TLSv1"

// generalRules are about a distribution as a whole.
func generalRules() []kind.Rule {
	const geo = "restrictions.geoRestriction"
	return []kind.Rule{
		kind.Length("comment", 0, longestComment), kind.OneOf("httpVersion", "http1.1", "http2", "http3", "http2and3"),
		kind.OneOf("priceClass", "PriceClass_100", "PriceClass_200", "PriceClass_All"),
		kind.OneOf(geo+".restrictionType", "blacklist", "whitelist", "none"),
		kind.Length("defaultRootObject", 0, 255).API("InvalidDefaultRootObject").From(model + "InvalidDefaultRootObject"),
		kind.Match("defaultRootObject", `^([^/].*)?$`, "must not begin with a slash").API("InvalidDefaultRootObject").
			From(model + "DistributionConfig.DefaultRootObject"),
		kind.Match(geo+".locations[]", `^[A-Z]{2}$`, "must be a country code of two upper-case letters").API("InvalidLocationCode").
			From(model + "GeoRestriction.Items").Refusing("de"),
		kind.Whole("countries exactly for restrictions", func(in account.Props) string {
			restricted, countries := in.String(geo+".restrictionType") != "none", len(in.List(geo+".locations"))
			switch {
			case restricted && countries == 0:
				return "Locations are required unless the restriction type is none."
			case !restricted && countries > 0:
				return "Locations must be empty when the restriction type is none."
			}
			return ""
		}, geo).API("InvalidGeoRestrictionParameter").From(model + "GeoRestriction.Quantity"),
		full("aliases per distribution", "aliases", mostAliases, "TooManyDistributionCNAMEs"),
		kind.Match("aliases[]", `^(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`,
			"must be a domain name").API(invalid).From(guide + "CNAMEs.html"),
	}
}

// viewerRules are about the certificate that visitors see.
func viewerRules() []kind.Rule {
	const certificate = "viewerCertificate"
	own := func(in account.Props) bool {
		return in.Has(certificate+".acmCertificateArn") || in.Has(certificate+".iamCertificateId")
	}
	return []kind.Rule{
		kind.ARN(certificate + ".acmCertificateArn"),
		kind.OneOf(certificate+".minimumProtocolVersion", "SSLv3", defaultProtocol, "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018",
			"TLSv1.2_2019", "TLSv1.2_2021"),
		kind.OneOf(certificate+".sslSupportMethod", "sni-only", "vip", "static-ip"),
		kind.Whole("one certificate", func(in account.Props) string {
			if own(in) == in.Bool(certificate+".cloudfrontDefaultCertificate") {
				return "Exactly one of ACMCertificateArn, IAMCertificateId and CloudFrontDefaultCertificate must be specified."
			}
			return ""
		}, certificate).API("InvalidViewerCertificate").From(model + "ViewerCertificate"),
		kind.Whole("how visitors connect", func(in account.Props) string {
			if own(in) != in.Has(certificate+".sslSupportMethod") {
				return "SSLSupportMethod is required with a certificate of your own, and not allowed with CloudFront's."
			}
			return ""
		}, certificate).API("InvalidViewerCertificate").From(model + "ViewerCertificate.ACMCertificateArn, SSLSupportMethod"),
		kind.Whole("SSLv3 is for dedicated addresses", func(in account.Props) string {
			if in.String(certificate+".minimumProtocolVersion") == "SSLv3" && in.String(certificate+".sslSupportMethod") == "sni-only" {
				return "You cannot specify SSLv3 as the minimum protocol version if you only want to support only clients that support " +
					"Server Name Indication (SNI)."
			}
			return ""
		}, certificate).API("InvalidProtocolSettings").From(model + "InvalidProtocolSettings"),
		kind.Whole("aliases need a certificate", func(in account.Props) string {
			if len(in.List("aliases")) > 0 && !own(in) {
				return "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that " +
					"validates your authorization to use the domain name."
			}
			return ""
		}, "aliases", certificate).API("InvalidViewerCertificate").From("cloudposse/terraform-aws-cloudfront-s3-cdn#72"),
	}
}

// errorRules are about what a distribution does with errors of its origins.
func errorRules() []kind.Rule {
	const one = "customErrorResponses[]."
	codes := []float64{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
	return []kind.Rule{
		kind.Number(one+"errorCode", codes...).API("InvalidErrorCode").From(guide + "HTTPStatusCodes.html"),
		kind.Number(one+"responseCode", append([]float64{200}, codes...)...).API("InvalidResponseCode").
			From(guide + "creating-custom-error-pages.html"),
		kind.Match(one+"responsePagePath", `^/`, "must begin with a slash").API("InvalidRelativePath").From(model + "InvalidRelativePath").
			Refusing("error.html"),
		kind.Whole("a page and its code", func(in account.Props) string {
			seen := map[int]bool{}
			for _, e := range in.Objects("customErrorResponses") {
				switch code := e.Int("errorCode"); {
				case e.Has("responsePagePath") != e.Has("responseCode"):
					return fmt.Sprintf("ResponsePagePath and ResponseCode must be specified together: error code %d", code)
				case seen[code]:
					return fmt.Sprintf("The error code %d is configured more than once.", code)
				default:
					seen[code] = true
				}
			}
			return ""
		}, "customErrorResponses").API(invalid).From(model + "CustomErrorResponse.ResponseCode"),
	}
}
