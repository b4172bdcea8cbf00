package elb

import "wordpress-ecs/local/aws/kind"

// The requests of ELB's API that are behind the kinds.

func balancerAPI() kind.API {
	return kind.API{
		Service: "elbv2", Create: "CreateLoadBalancer", Change: "ModifyLoadBalancerAttributes", Delete: "DeleteLoadBalancer",
		More: []string{"SetSecurityGroups", "SetSubnets"},
		Members: map[string]string{
			"loadBalancerType":         "Type",
			"idleTimeout":              "Attributes[idle_timeout.timeout_seconds]",
			"enableDeletionProtection": "Attributes[deletion_protection.enabled]",
			"dropInvalidHeaderFields":  "Attributes[routing.http.drop_invalid_header_fields.enabled]",
			"enableHttp2":              "Attributes[routing.http2.enabled]",
			"preserveHostHeader":       "Attributes[routing.http.preserve_host_header.enabled]",
			"desyncMitigationMode":     "Attributes[routing.http.desync_mitigation_mode]",
			"xffHeaderProcessingMode":  "Attributes[routing.http.xff_header_processing.mode]",
			"clientKeepAlive":          "Attributes[client_keep_alive.seconds]",
			"accessLogs.enabled":       "Attributes[access_logs.s3.enabled]",
			"accessLogs.bucket":        "Attributes[access_logs.s3.bucket]",
			"accessLogs.prefix":        "Attributes[access_logs.s3.prefix]",
			"connectionLogs.enabled":   "Attributes[connection_logs.s3.enabled]",
			"connectionLogs.bucket":    "Attributes[connection_logs.s3.bucket]",
			"connectionLogs.prefix":    "Attributes[connection_logs.s3.prefix]",
		},
	}
}

func targetAPI() kind.API {
	return kind.API{
		Service: "elbv2", Create: "CreateTargetGroup", Change: "ModifyTargetGroup", Delete: "DeleteTargetGroup",
		More: []string{"ModifyTargetGroupAttributes"},
		Members: map[string]string{
			"healthCheck.enabled": "HealthCheckEnabled", "healthCheck.path": "HealthCheckPath",
			"healthCheck.port": "HealthCheckPort", "healthCheck.protocol": "HealthCheckProtocol",
			"healthCheck.interval": "HealthCheckIntervalSeconds", "healthCheck.timeout": "HealthCheckTimeoutSeconds",
			"healthCheck.healthyThreshold": "HealthyThresholdCount", "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
			"healthCheck.matcher":        "Matcher.HttpCode",
			"deregistrationDelay":        "Attributes[deregistration_delay.timeout_seconds]",
			"slowStart":                  "Attributes[slow_start.duration_seconds]",
			"loadBalancingAlgorithmType": "Attributes[load_balancing.algorithm.type]",
			"stickiness.enabled":         "Attributes[stickiness.enabled]",
			"stickiness.type":            "Attributes[stickiness.type]",
			"stickiness.cookieDuration":  "Attributes[stickiness.lb_cookie.duration_seconds]",
		},
	}
}

func attachmentAPI() kind.API {
	return kind.API{
		Service: "elbv2", Create: "RegisterTargets", Delete: "DeregisterTargets",
		Members: map[string]string{
			"targetId": "Targets[].Id", "port": "Targets[].Port", "availabilityZone": "Targets[].AvailabilityZone",
		},
	}
}

func listenerAPI() kind.API {
	return kind.API{
		Service: "elbv2", Create: "CreateListener", Change: "ModifyListener", Delete: "DeleteListener",
		Members: map[string]string{
			"certificateArn":                       "Certificates[].CertificateArn",
			"defaultActions[].redirect":            "DefaultActions[].RedirectConfig",
			"defaultActions[].fixedResponse":       "DefaultActions[].FixedResponseConfig",
			"defaultActions[].forward":             "DefaultActions[].ForwardConfig",
			"defaultActions[].authenticateCognito": "DefaultActions[].AuthenticateCognitoConfig",
			"defaultActions[].authenticateOidc":    "DefaultActions[].AuthenticateOidcConfig",
		},
	}
}

func listenerCertificateAPI() kind.API {
	return kind.API{
		Service: "elbv2", Create: "AddListenerCertificates", Delete: "RemoveListenerCertificates",
		Members: map[string]string{"certificateArn": "Certificates[].CertificateArn"},
	}
}

func ruleAPI() kind.API {
	return kind.API{
		Service: "elbv2", Create: "CreateRule", Change: "ModifyRule", Delete: "DeleteRule",
		Members: map[string]string{
			"actions[].redirect": "Actions[].RedirectConfig", "actions[].fixedResponse": "Actions[].FixedResponseConfig",
			"actions[].forward":             "Actions[].ForwardConfig",
			"actions[].authenticateCognito": "Actions[].AuthenticateCognitoConfig",
			"actions[].authenticateOidc":    "Actions[].AuthenticateOidcConfig",
			"conditions[].hostHeader":       "Conditions[].HostHeaderConfig", "conditions[].httpHeader": "Conditions[].HttpHeaderConfig",
			"conditions[].httpRequestMethod": "Conditions[].HttpRequestMethodConfig",
			"conditions[].pathPattern":       "Conditions[].PathPatternConfig",
			"conditions[].queryStrings":      "Conditions[].QueryStringConfig.Values", "conditions[].sourceIp": "Conditions[].SourceIpConfig",
		},
	}
}
