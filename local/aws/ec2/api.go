package ec2

import "wordpress-ecs/local/aws/kind"

// The requests of EC2's API that are behind the kinds. The default security group has none: it comes with its VPC.

func vpcAPI() kind.API {
	return kind.API{Service: "ec2", Create: "CreateVpc", Change: "ModifyVpcAttribute", Delete: "DeleteVpc"}
}

func subnetAPI() kind.API {
	return kind.API{Service: "ec2", Create: "CreateSubnet", Change: "ModifySubnetAttribute", Delete: "DeleteSubnet"}
}

func gatewayAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "CreateInternetGateway", Delete: "DeleteInternetGateway", More: []string{"AttachInternetGateway"},
	}
}

func eipAPI() kind.API {
	return kind.API{Service: "ec2", Create: "AllocateAddress", Delete: "ReleaseAddress"}
}

func natAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "CreateNatGateway", Delete: "DeleteNatGateway",
		Members: map[string]string{"privateIp": "PrivateIpAddress"},
	}
}

func tableAPI() kind.API {
	return kind.API{Service: "ec2", Create: "CreateRouteTable", Delete: "DeleteRouteTable"}
}

func associationAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "AssociateRouteTable", Change: "ReplaceRouteTableAssociation", Delete: "DisassociateRouteTable",
	}
}

func routeAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "CreateRoute", Change: "ReplaceRoute", Delete: "DeleteRoute",
		Members: map[string]string{"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"},
	}
}

func endpointAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "CreateVpcEndpoint", Change: "ModifyVpcEndpoint", Delete: "DeleteVpcEndpoints",
		Members: map[string]string{"policy": "PolicyDocument"},
	}
}

func groupAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "CreateSecurityGroup", Delete: "DeleteSecurityGroup",
		Members: map[string]string{"name": "GroupName"},
	}
}

// ruleAPI is that of a rule in a direction: "Ingress" or "Egress".
func ruleAPI(direction string) kind.API {
	return kind.API{
		Service: "ec2", Create: "AuthorizeSecurityGroup" + direction, Change: "ModifySecurityGroupRules",
		Delete: "RevokeSecurityGroup" + direction,
		Members: map[string]string{
			"": "SecurityGroupRules[].SecurityGroupRule", "securityGroupId": "GroupId",
			"referencedSecurityGroupId": "SecurityGroupRules[].SecurityGroupRule.ReferencedGroupId",
		},
	}
}

func templateAPI() kind.API {
	return kind.API{
		Service: "ec2", Create: "CreateLaunchTemplate", Change: "CreateLaunchTemplateVersion", Delete: "DeleteLaunchTemplate",
		Members: map[string]string{
			"": "LaunchTemplateData", "name": "LaunchTemplateName", "description": "VersionDescription",
			"vpcSecurityGroupIds": "LaunchTemplateData.SecurityGroupIds", "securityGroupNames": "LaunchTemplateData.SecurityGroups",
		},
	}
}
