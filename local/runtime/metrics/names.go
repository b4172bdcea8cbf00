package metrics

// The namespaces and names of the metrics that parts of the cloud share.
const (
	// ECS has the dimension "cluster/service".
	ECS               = "AWS/ECS"
	CPUUtilization    = "CPUUtilization"
	MemoryUtilization = "MemoryUtilization"

	// RDS has the identifier of an instance, and CPUUtilization too.
	RDS                 = "AWS/RDS"
	DatabaseConnections = "DatabaseConnections"

	// ELB has the ARN suffix of a target group; a request that went to a target is a point of value 1.
	ELB          = "AWS/ApplicationELB"
	RequestCount = "RequestCount"
)
