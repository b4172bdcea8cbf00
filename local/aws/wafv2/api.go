package wafv2

import "wordpress-ecs/local/aws/kind"

// The requests of WAF's API that are behind the kinds. The rules of a web ACL contain themselves, so that nothing is derived
// from the model of them: rules.go and statementrules.go have what it says.

func webACLAPI() kind.API {
	return kind.API{
		Service: "wafv2", Create: "CreateWebACL", Change: "UpdateWebACL", Delete: "DeleteWebACL",
		Members: map[string]string{
			"rules": "", "customResponseBodies": "", "visibilityConfig.cloudwatchMetricsEnabled": "VisibilityConfig.CloudWatchMetricsEnabled",
		},
	}
}

func ipSetAPI() kind.API {
	return kind.API{
		Service: "wafv2", Create: "CreateIPSet", Change: "UpdateIPSet", Delete: "DeleteIPSet",
		Members: map[string]string{"ipAddressVersion": "IPAddressVersion"},
	}
}

func regexPatternSetAPI() kind.API {
	return kind.API{
		Service: "wafv2", Create: "CreateRegexPatternSet", Change: "UpdateRegexPatternSet", Delete: "DeleteRegexPatternSet",
		Members: map[string]string{"regularExpressions": "RegularExpressionList"},
	}
}

func associationAPI() kind.API {
	return kind.API{
		Service: "wafv2", Create: "AssociateWebACL", Delete: "DisassociateWebACL", Members: map[string]string{"webAclArn": "WebACLArn"},
	}
}

func loggingAPI() kind.API {
	return kind.API{
		Service: "wafv2", Create: "PutLoggingConfiguration", Change: "PutLoggingConfiguration", Delete: "DeleteLoggingConfiguration",
		Members: map[string]string{"": "LoggingConfiguration"},
	}
}
