package capacity

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/local/account"
	"wordpress-ecs/local/runtime/clock"
	"wordpress-ecs/local/runtime/metrics"
)

const region = "eu-west-1"

// cloud is an account with a part on a clock that the test moves.
type cloud struct {
	t       *testing.T
	account *account.Account
	part    *Part
	tasks   Capacity
	metrics *metrics.Store
	now     time.Time
	lines   []string
	changes int
}

// open makes an account of two zones with a group of m7i.large instances, a capacity provider and a cluster.
func open(t *testing.T, change ...func(g, p account.Props)) *cloud {
	t.Helper()
	acct, err := account.Open(t.TempDir() + "/account.db")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, acct.Close()) })
	c := &cloud{t: t, account: acct, metrics: &metrics.Store{}, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	g := account.Props{
		"arn": "arn:aws:autoscaling:group/site", "minSize": 2.0, "maxSize": 8.0, "desiredCapacity": 2.0,
		"launchTemplate":      map[string]any{"id": "lt-1", "version": "1"},
		"vpcZoneIdentifiers":  []any{"subnet-a", "subnet-b"},
		"protectFromScaleIn":  true,
		"maxInstanceLifetime": float64(30 * 24 * 3600),
		"instanceRefresh": map[string]any{"strategy": "Rolling", "preferences": map[string]any{
			"minHealthyPercentage": 100.0, "maxHealthyPercentage": 200.0, "scaleInProtectedInstances": "Refresh",
		}},
		"waitForCapacityTimeout": "0",
	}
	p := account.Props{
		"name": "site",
		"autoScalingGroupProvider": map[string]any{
			"autoScalingGroupArn": g["arn"], "managedDraining": "ENABLED", "managedTerminationProtection": "ENABLED",
			"managedScaling": map[string]any{"status": "ENABLED", "targetCapacity": 100.0, "instanceWarmupPeriod": 120.0},
		},
	}
	for _, f := range change {
		f(g, p)
	}
	c.put(
		templateOf("m7i.large", 1, "#!/bin/sh\necho ECS_CLUSTER=site >>/etc/ecs/ecs.config\n"),
		subnetOf("subnet-a", "a", "10.0.0.0/24"), subnetOf("subnet-b", "b", "10.0.1.0/24"),
		account.Resource{
			Type: groupType, ID: "site", Region: region, Outputs: g, Inputs: account.Props{},
			URN: "urn:pulumi:prod::wordpress::" + groupType + "::site",
		},
		account.Resource{Type: providerType, ID: "arn/site", Region: region, Outputs: p},
		account.Resource{
			Type: associationType, ID: "site", Region: region,
			Outputs: account.Props{"clusterName": "site", "capacityProviders": []any{"site"}},
		},
	)
	c.put(surroundings()...)
	c.restart()
	return c
}

// templateOf is a version of the launch template.
func templateOf(instanceType string, version float64, userData string) account.Resource {
	return account.Resource{Type: templateType, ID: "lt-1", Region: region, Outputs: account.Props{
		"instanceType": instanceType, "latestVersion": version, "defaultVersion": version,
		"userData":           base64.StdEncoding.EncodeToString([]byte(userData)),
		"iamInstanceProfile": map[string]any{"name": "site"},
		"networkInterfaces":  []any{map[string]any{"securityGroups": []any{"sg-1"}, "associatePublicIpAddress": "true"}},
	}}
}

// surroundings are what instances need to register: a way to the internet, a role, and the cluster.
func surroundings() []account.Resource {
	role := func(service string) account.Resource {
		return account.Resource{Type: "aws:iam/role:Role", ID: "site", Outputs: account.Props{
			"arn": "arn:aws:iam::123456789012:role/site", "name": "site", "assumeRolePolicy": `{"Statement":{"Effect":"Allow",` +
				`"Action":"sts:AssumeRole","Principal":{"Service":"` + service + `"}}}`,
		}}
	}
	return []account.Resource{
		{Type: "aws:ec2/vpc:Vpc", ID: "vpc-1", Region: region, Outputs: account.Props{"mainRouteTableId": "rtb-1"}},
		{Type: "aws:ec2/internetGateway:InternetGateway", ID: "igw-1", Region: region, Outputs: account.Props{"vpcId": "vpc-1"}},
		routeOf("igw-1"),
		{Type: "aws:ec2/securityGroup:SecurityGroup", ID: "sg-1", Region: region, Outputs: account.Props{"egress": []any{
			map[string]any{"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": []any{"0.0.0.0/0"}},
		}}},
		{Type: clusterType, ID: "site", Region: region, Outputs: account.Props{"name": "site"}},
		role("ec2.amazonaws.com"),
		{Type: "aws:iam/instanceProfile:InstanceProfile", ID: "site", Outputs: account.Props{"name": "site", "role": "site"}},
		{Type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", ID: "site", Outputs: account.Props{
			"role": "site", "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
		}},
	}
}

func routeOf(gateway string) account.Resource {
	return account.Resource{Type: "aws:ec2/route:Route", ID: "r-1", Region: region, Outputs: account.Props{
		"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway,
	}}
}

func subnetOf(id, zone, block string) account.Resource {
	return account.Resource{Type: subnetType, ID: id, Region: region, Outputs: account.Props{
		"availabilityZone": region + zone, "vpcId": "vpc-1", "cidrBlock": block,
	}}
}

// restart lets another process take over.
func (c *cloud) restart() {
	c.part = New(Env{
		Account: c.account, Clock: clock.New(1), Metrics: c.metrics,
		Now: func() time.Time { return c.now }, Say: func(line string) { c.lines = append(c.lines, line) },
	})
	c.tasks = c.part.Capacity()
	c.tasks.Watch(func() { c.changes++ })
}

func (c *cloud) put(resources ...account.Resource) {
	c.t.Helper()
	require.NoError(c.t, c.account.Update(func(tx *account.Tx) error {
		for _, r := range resources {
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (c *cloud) group() account.Resource {
	c.t.Helper()
	var found *account.Resource
	require.NoError(c.t, c.account.View(func(tx *account.Tx) (err error) {
		found, err = tx.Get(groupType, region, "site")
		return err
	}))
	require.NotNil(c.t, found)
	return *found
}

// change updates outputs of the group, as an update of the program does.
func (c *cloud) change(values account.Props) {
	c.t.Helper()
	r := c.group()
	for name, v := range values {
		r.Outputs[name] = v
	}
	c.put(r)
}

// pass lets time pass, with a look whenever the part wants one.
func (c *cloud) pass(d time.Duration) {
	c.t.Helper()
	end := c.now.Add(d)
	for range 5000 {
		next, err := c.part.step()
		require.NoError(c.t, err)
		if next.IsZero() || next.After(end) {
			c.now = end
			_, err = c.part.step()
			require.NoError(c.t, err)
			return
		}
		c.now = next
	}
	require.Fail(c.t, "the part does not come to rest")
}

// in are the instances in a state.
func (c *cloud) in(state string) []Instance {
	var list []Instance
	for _, i := range c.tasks.Instances() {
		if i.State == state {
			list = append(list, i)
		}
	}
	return list
}

func (c *cloud) desired() int { return c.group().Outputs.Int("desiredCapacity") }

func want(task string) Want {
	return Want{
		Task: task, Cluster: "site", Provider: "site", CPU: 1024, Memory: 3072, Group: "service:site",
		Subnets:    []string{"subnet-a", "subnet-b"},
		Strategies: []Strategy{{"spread", "attribute:ecs.availability-zone"}, {"spread", "instanceId"}},
	}
}

// place places tasks that must fit.
func (c *cloud) place(names ...string) (places []Place) {
	c.t.Helper()
	for _, name := range names {
		p, reason, ok := c.tasks.Place(want(name))
		require.True(c.t, ok, "%s: %s", name, reason)
		places = append(places, p)
	}
	return places
}

func TestAGroupStartsItsMinimumEvenlyOverTheZones(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(59 * time.Second)
	require.Len(t, c.in("pending"), 2)
	c.pass(time.Second)
	active := c.in("ACTIVE")
	require.Len(t, active, 2)
	require.ElementsMatch(t, []string{"eu-west-1a", "eu-west-1b"}, []string{active[0].Zone, active[1].Zone})
	i := active[0]
	require.Regexp(t, `^i-0[0-9a-f]{16}$`, i.ID)
	require.Regexp(t, `^arn:aws:ecs:eu-west-1:123456789012:container-instance/site/[0-9a-f]{32}$`, i.ARN)
	require.Equal(t, []any{"site", "site", "m7i.large", "prod", 2048, 7785, 2},
		[]any{i.Cluster, i.Group, i.Type, i.Stack, i.CPU, i.Memory, i.ENIs})
}

func TestInstancesSurviveARestartOfTheProcess(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	before := c.in("ACTIVE")
	c.restart()
	c.pass(time.Minute)
	require.Equal(t, before, c.in("ACTIVE"))
	require.Empty(t, c.in("pending"))
}

func TestAnUnknownInstanceTypeIsSaidAndFailsTheUpdate(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.put(account.Resource{Type: templateType, ID: "lt-1", Region: region, Outputs: account.Props{"instanceType": "z9.large"}})
	c.pass(time.Minute)
	c.pass(time.Minute)
	require.Len(t, c.lines, 1, "once")
	require.Contains(t, c.lines[0], `instance type "z9.large": its family is not in the table local/runtime/capacity/types.go`)
	require.Empty(t, c.tasks.Instances())
	require.ErrorContains(t, c.part.Await(t.Context(), c.group(), func(string) {}), "z9.large")
}

func TestAwaitWaitsForInstancesOnlyWhereTheProgramAsksForThem(t *testing.T) {
	t.Parallel()
	c := open(t)
	require.NoError(t, c.part.Await(t.Context(), c.group(), func(string) {}))

	c.change(account.Props{"waitForCapacityTimeout": "10m"})
	done := make(chan error, 1)
	said := make(chan string, 10)
	go func() { done <- c.part.Await(context.Background(), c.group(), func(line string) { said <- line }) }()
	require.Equal(t, "0 of 2 instances are in service", <-said)
	c.pass(time.Minute)
	require.NoError(t, <-done)
}

func TestATerminatedInstanceIsReplaced(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	lost := c.place("1")[0].Instance
	require.NoError(t, c.part.Actions()["terminate"](t.Context(), []string{lost}, func(string) {}))
	require.Equal(t, lost, c.in("terminated")[0].ID, "the scheduler sees it at once")
	require.Positive(t, c.changes)
	c.pass(time.Minute)
	require.Len(t, c.in("ACTIVE"), 2)
	c.tasks.Release("1")
	c.place("2", "3", "4", "5")
	c.pass(time.Hour)
	require.Empty(t, c.in("terminated"), "EC2 has forgotten it")
}

func TestActionsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	for name, act := range c.part.Actions() {
		for _, args := range [][]string{{"i-0"}, {}} {
			err := act(t.Context(), args, func(string) {})
			for _, i := range c.tasks.Instances() {
				require.ErrorContains(t, err, i.ID, name)
			}
		}
	}
}

func TestADrainedInstanceGetsNoTasksAndStays(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	id := c.tasks.Instances()[0].ID
	require.NoError(t, c.part.Actions()["drain"](t.Context(), []string{id}, func(string) {}))
	for _, p := range c.place("1", "2") {
		require.NotEqual(t, id, p.Instance)
	}
	_, _, ok := c.tasks.Place(want("3"))
	require.False(t, ok)
	c.pass(2 * time.Minute)
	require.Len(t, c.in("ACTIVE"), 2, "another one for the task that waits")
	require.Equal(t, id, c.in("DRAINING")[0].ID)
	c.place("3")
}

func TestNothingOfADeletedGroupIsLeft(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	c.restart() // a deployment that was stopped can be destroyed
	require.NoError(t, c.part.Release(t.Context(), c.group(), func(string) {}))
	require.NoError(t, c.part.Release(t.Context(), c.group(), func(string) {}), "twice does nothing")
	c.pass(time.Minute)
	require.Empty(t, c.tasks.Instances(), "nor does it start others before it is gone")
	require.NoError(t, c.account.View(func(tx *account.Tx) error {
		kept, err := account.AllKept[instance](tx, class)
		require.Empty(t, kept)
		return err
	}))
}

func TestAGroupThatWentUnseenLeavesNoInstance(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	require.NoError(t, c.account.Update(func(tx *account.Tx) error { return tx.Delete(groupType, region, "site") }))
	c.pass(time.Minute)
	require.Empty(t, c.tasks.Instances())
}

func TestStatus(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.pass(time.Minute)
	at := c.place("1")[0]
	rows, err := c.part.Status(t.Context())
	require.NoError(t, err)
	var lines []string
	for _, r := range rows {
		lines = append(lines, strings.Join([]string{r.Kind, r.State, r.Detail, r.Stack}, "|"))
	}
	require.Contains(t, lines, "group|2 of 2|2 to 8 instances|prod")
	require.Contains(t, lines, fmt.Sprintf("instance|ACTIVE|m7i.large in %s, 1 of 2 ENIs, 1024 of 2048 CPU, 3072 of 7785 MiB|prod", at.Zone))
}

func TestRunStartsInstancesByItself(t *testing.T) {
	t.Parallel()
	c := open(t)
	p := New(Env{Account: c.account, Clock: clock.New(1000), Say: func(string) {}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx, make(chan struct{}, 1)) }()
	tasks := p.Capacity()
	for n := range 5 { // one more than two instances have room for
		require.Eventually(t, func() bool { _, _, ok := tasks.Place(want(strconv.Itoa(n))); return ok }, time.Minute, time.Millisecond)
	}
	cancel()
	require.NoError(t, <-ended)
}
