package settings_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/settings"
	"wordpress-ecs/tests/stackfile"
)

const root = ".."

const smtpSecret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mail/smtp-AbCdEf"

var stacks = []string{"dev", "prod"}

// config is the configuration of the stack dev, with changes.
func config(t *testing.T, changes map[string]string) map[string]string {
	t.Helper()
	c, err := stackfile.Config(root, "dev")
	require.NoError(t, err)
	maps.Copy(c, changes)
	return c
}

func load(t *testing.T, changes map[string]string) (*settings.Settings, error) {
	t.Helper()
	return settings.Load("wordpress", "dev", config(t, changes))
}

func TestStackFilesLoad(t *testing.T) {
	t.Parallel()
	for _, stack := range stacks {
		c, err := stackfile.Config(root, stack)
		require.NoError(t, err)
		s, err := settings.Load("wordpress", stack, c)
		require.NoError(t, err)
		require.Equal(t, stack == "prod", s.Protected)
		require.Equal(t, "eu-central-1", s.Region)
		require.Equal(t, "10.0.0.0/16", s.VPCCIDR)
		require.Empty(t, s.Image, "a committed stack file builds its own image")
		require.Equal(t, settings.X86, s.Architecture())
	}
}

// Values of every key reach their field: no two settings share a value here. Those of the edge have a test of their own.
func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	image := "registry.example.com/wordpress@sha256:" + strings.Repeat("a", 64)
	secret := strings.Replace(smtpSecret, "eu-central-1", "us-west-2", 1)
	s, err := load(t, map[string]string{
		"aws:region": "us-west-2", "wordpress:protected": "true", "wordpress:vpcCidr": "172.16.0.0/20",
		"wordpress:instanceType": "m7g.xlarge", "wordpress:instancesMin": "11",
		"wordpress:instancesMax": "12", "wordpress:clusterTargetCapacity": "77", "wordpress:taskCpu": "513",
		"wordpress:taskMemory": "1025", "wordpress:tasksMin": "13", "wordpress:tasksMax": "14",
		"wordpress:tasksCpuTarget": "55", "wordpress:tasksRequestsTarget": "999", "wordpress:provingSeconds": "81", "wordpress:image": image,
		"wordpress:wordpressMirror": "https://mirror.example.com/wp", "wordpress:siteTitle": "Unsere Seite", "wordpress:adminUser": "boss",
		"wordpress:adminEmail": "boss@example.org", "wordpress:fileChanges": "false", "wordpress:xmlrpc": "true",
		"wordpress:mailFrom": "site@example.org", "wordpress:smtpHost": "smtp.example.org", "wordpress:smtpPort": "2525",
		"wordpress:smtpSecret": secret, "wordpress:natGateways": "perAz",
		"wordpress:databaseInstanceClass": "db.r7g.large", "wordpress:databaseReaders": "8",
		"wordpress:databaseReadersMax": "9", "wordpress:databaseBackupDays": "21", "wordpress:cacheEngine": "redis",
		"wordpress:cacheNodeType": "cache.r7g.large", "wordpress:cacheNodes": "4", "wordpress:logRetentionDays": "30",
	})
	require.NoError(t, err)
	require.Equal(t, &settings.Settings{
		Region: "us-west-2", Protected: true, VPCCIDR: "172.16.0.0/20", NATGateways: settings.NATPerAZ,
		InstanceType: "m7g.xlarge", InstancesMin: 11, InstancesMax: 12, ClusterTargetCapacity: 77,
		TaskCPU: 513, TaskMemory: 1025, TasksMin: 13, TasksMax: 14, TasksCPUTarget: 55, TasksRequestsTarget: 999, ProvingSeconds: 81,
		Image: image, WordPressMirror: "https://mirror.example.com/wp",
		Site: settings.Site{
			Title: "Unsere Seite", AdminUser: "boss", AdminEmail: "boss@example.org", FileChanges: false, XMLRPC: true,
			MailFrom: "site@example.org", SMTPHost: "smtp.example.org", SMTPPort: 2525, SMTPSecret: secret,
		},
		DatabaseInstanceClass: "db.r7g.large", DatabaseReaders: 8, DatabaseReadersMax: 9,
		DatabaseBackupDays: 21, CacheEngine: settings.Redis, CacheNodeType: "cache.r7g.large", CacheNodes: 4,
		LogRetentionDays: 30, Edge: s.Edge,
	}, s)
}

func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	for key, tc := range map[string]struct {
		want   string
		values []string
	}{
		"aws:region":            {"a region of the aws partition such as eu-central-1", []string{"", "frankfurt", "eu-central", "EU-central-1", "eu--1", "us-gov-west-1", "cn-north-1"}},
		"protected":             {"one of true, false", []string{"", "yes", "True", "1"}},
		"natGateways":           {"one of none, single, perAz", []string{"", "two", "perAZ"}},
		"vpcCidr":               {"a private IPv4 range from /16 to /22", []string{"", "10.0.0.0", "10.0.0.0/15", "10.0.0.0/23", "10.0.0.1/16", "8.8.0.0/16", "fd00::/20"}},
		"instanceType":          {"an EC2 instance type such as m7i.large", []string{"", "large", "T3.medium", "m7i."}},
		"instancesMin":          {"a whole number from 0 to 100", []string{"", "-1", "101", "1.5", "one"}},
		"instancesMax":          {"a whole number from 1 to 100", []string{"0", "101", "many"}},
		"clusterTargetCapacity": {"a whole number from 1 to 99", []string{"0", "100"}},
		"taskCpu":               {"a whole number from 256 to 16384", []string{"255", "16385"}},
		"taskMemory":            {"a whole number from 848 to 65536", []string{"847", "65537"}},
		"tasksMin":              {"a whole number from 1 to 100", []string{"0", "101"}},
		"tasksMax":              {"a whole number from 1 to 100", []string{"0", "101"}},
		"tasksCpuTarget":        {"a whole number from 10 to 90", []string{"9", "91"}},
		"provingSeconds":        {"a whole number from 0 to 240", []string{"-1", "241"}},
		"tasksRequestsTarget":   {"a whole number from 10 to 100000", []string{"9", "100001"}},
		"image":                 {"empty, or an image by digest", []string{"wordpress", "registry/wordpress", "registry/wordpress:6", "registry/wordpress@sha256:abc"}},
		"wordpressMirror":       {"empty, or an https URL", []string{"http://mirror.example.com", "mirror.example.com", "https://m.example.com/?a=b", "https://a b", "https://user@example.com"}},
		"siteTitle":             {"1 to 100 characters", []string{"", " Site", "Site ", strings.Repeat("a", 101)}},
		"adminUser":             {"1 to 60 letters, digits and _ . @ -", []string{"", "the boss", "böss", strings.Repeat("a", 61)}},
		"adminEmail":            {"an e-mail address", []string{"", "admin", "admin@localhost", "a b@example.com", "admin@Example.com", "admin@example..com", "a..b@example.com", ".a@example.com", "a.@example.com"}},
		"fileChanges":           {"one of true, false", []string{"", "allow"}},
		"xmlrpc":                {"one of true, false", []string{"", "deny"}},
		"mailFrom":              {"empty, or an e-mail address", []string{"site", "Site <site@example.com>"}},
		"smtpHost":              {"empty, or a host name", []string{"smtp", "smtp.example.com:587", "https://smtp.example.com", "smtp..com", "smtp.-com", "SMTP.example.com"}},
		"smtpPort":              {"a whole number from 1 to 65535", []string{"", "0", "65536"}},
		"smtpSecret":            {"empty, or the ARN of a Secrets Manager secret", []string{"smtp", "arn:aws:ssm:eu-central-1:123456789012:parameter/smtp", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:smtp", smtpSecret + ":password::"}},
		"databaseInstanceClass": {"an Aurora instance class such as db.r7g.large", []string{"", "r7g.large", "db.large"}},
		"databaseReaders":       {"a whole number from 0 to 15", []string{"-1", "16"}},
		"databaseReadersMax":    {"a whole number from 0 to 15", []string{"-1", "16"}},
		"databaseBackupDays":    {"a whole number from 1 to 35", []string{"0", "36"}},
		"cacheEngine":           {"one of valkey, redis", []string{"", "memcached"}},
		"cacheNodeType":         {"an ElastiCache node type such as cache.t4g.medium", []string{"", "t4g.medium"}},
		"cacheNodes":            {"a whole number from 1 to 6", []string{"0", "7"}},
		"logRetentionDays":      {"one of 1, 3, 5, 7, 14, 30, 60, 90", []string{"", "0", "2", "week"}},
	} {
		if !strings.Contains(key, ":") {
			key = "wordpress:" + key
		}
		for _, value := range tc.values {
			t.Run(key+"="+value, func(t *testing.T) {
				t.Parallel()
				_, err := load(t, map[string]string{key: value})
				require.ErrorContains(t, err, `config "`+key+`": "`+value+`" is not allowed; want `+tc.want)
				require.Len(t, problems(err), 1, "one mistake is one problem")
			})
		}
	}
}

func TestSettingsThatMustFitEachOther(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		changes map[string]string
		want    string
	}{
		"instances": {
			map[string]string{"wordpress:instancesMin": "5", "wordpress:instancesMax": "4"},
			`config "wordpress:instancesMin": "5" is not allowed; want at most wordpress:instancesMax, which is 4`,
		},
		"tasks": {
			map[string]string{"wordpress:tasksMin": "3", "wordpress:tasksMax": "2"},
			`config "wordpress:tasksMin": "3" is not allowed; want at most wordpress:tasksMax, which is 2`,
		},
		"readers": {
			map[string]string{"wordpress:databaseReaders": "2", "wordpress:databaseReadersMax": "1"},
			`config "wordpress:databaseReaders": "2" is not allowed; want at most wordpress:databaseReadersMax, which is 1`,
		},
		"readers and none to scale": {
			map[string]string{"wordpress:databaseReaders": "2", "wordpress:databaseReadersMax": "0"},
			`config "wordpress:databaseReaders": "2" is not allowed; want at most wordpress:databaseReadersMax, which is 0`,
		},
		"scaling without a reader": {
			map[string]string{"wordpress:databaseReaders": "0", "wordpress:databaseReadersMax": "2"},
			`config "wordpress:databaseReaders": "0" is not allowed; want at least 1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.changes)
			require.ErrorContains(t, err, tc.want)
			require.Len(t, problems(err), 1)
		})
	}
}

func TestATitleIsOneLine(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"two\nlines", "a\x00b", "tab\t"} {
		_, err := load(t, map[string]string{"wordpress:siteTitle": title})
		require.ErrorContains(t, err, "no control characters")
	}
	for _, title := range []string{"a", "Über uns – 日本", `"quoted" & <b>`, "خانه\u200cی ما", "\U0001f469\u200d\U0001f467"} {
		s, err := load(t, map[string]string{"wordpress:siteTitle": title})
		require.NoError(t, err)
		require.Equal(t, title, s.Site.Title)
	}
}

func TestMailSettingsFitEachOther(t *testing.T) {
	t.Parallel()
	const refused = `config "wordpress:`
	host := map[string]string{"wordpress:smtpHost": "smtp.example.com", "wordpress:mailFrom": "site@example.com"}
	_, err := load(t, host)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		changes map[string]string
		want    []string
	}{
		"no sender": {
			map[string]string{"wordpress:smtpHost": "smtp.example.com"},
			[]string{refused + `mailFrom": "" is not allowed; want the sender's address where wordpress:smtpHost is set`},
		},
		"nothing to send with": {
			map[string]string{"wordpress:mailFrom": "site@example.com", "wordpress:smtpSecret": smtpSecret},
			[]string{
				refused + `mailFrom": "site@example.com" is not allowed; want empty where wordpress:smtpHost is: nothing sends mail`,
				refused + `smtpSecret": "` + smtpSecret + `" is not allowed; want empty where wordpress:smtpHost is: nothing sends mail`,
			},
		},
		"no way out": {
			with(host, "wordpress:natGateways", "none"),
			[]string{refused + `smtpHost": "smtp.example.com" is not allowed; want empty where wordpress:natGateways is none`},
		},
		"another region": {
			with(with(host, "wordpress:smtpSecret", smtpSecret), "aws:region", "us-west-2"),
			[]string{refused + `smtpSecret": "` + smtpSecret + `" is not allowed; want a secret of the stack's region, us-west-2`},
		},
		"a sender that is none": {
			with(host, "wordpress:mailFrom", "site"),
			[]string{refused + `mailFrom": "site" is not allowed; want empty, or an e-mail address`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.changes)
			require.Len(t, problems(err), len(tc.want), err)
			for _, want := range tc.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func with(changes map[string]string, key, value string) map[string]string {
	changed := maps.Clone(changes)
	changed[key] = value
	return changed
}

func TestAllProblemsAreReportedTogether(t *testing.T) {
	t.Parallel()
	_, err := settings.Load("wordpress", "Dev", config(t, map[string]string{
		"wordpress:natGateways": "two", "wordpress:tasksMax": "0", "wordpress:taskCount": "3",
	}))
	require.Error(t, err)
	require.Len(t, problems(err), 4)
	for _, part := range []string{"natGateways", "tasksMax", "taskCount", `stack "Dev"`} {
		require.ErrorContains(t, err, part)
	}
}

// A key that was refused is no reason to complain about the keys that it must fit.
func TestARefusedKeyIsOneProblem(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"wordpress:databaseReaders": "-1", "wordpress:databaseReadersMax": "3"})
	require.Len(t, problems(err), 1)
	c := config(t, nil)
	delete(c, "wordpress:tasksMax")
	_, err = settings.Load("wordpress", "dev", c)
	require.Len(t, problems(err), 1)
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"wordpress:taskMin": "1", "docker:host": "ssh://builder"})
	require.EqualError(t, err, `config "wordpress:taskMin": unknown key; Pulumi.yaml lists the keys of this project`)
}

// The program's own provider reads none of them: with an aws:profile that is passed over, an update goes to
// another account than the one that was chosen.
func TestKeysOfTheDefaultProvider(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"aws:profile": "mine", "aws:allowedAccountIds": `["123456789012"]`})
	require.Len(t, problems(err), 2)
	require.ErrorContains(t, err, `config "aws:profile": not read; of aws: only aws:region is`)
	require.ErrorContains(t, err, "AWS_PROFILE")
}

func TestEmptyConfiguration(t *testing.T) {
	t.Parallel()
	_, err := settings.Load("wordpress", "dev", nil)
	require.ErrorContains(t, err, `config "aws:region": not set; want a region`)
	require.ErrorContains(t, err, `config "wordpress:tasksMin": not set; want a whole number from 1 to 100`)
}

func TestStackNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"dev": true, "a": true, "a-b": true, "abcdefghijkl": true, "p2": true,
		"": false, "abcdefghijklm": false, "2p": false, "dev-": false, "-dev": false, "Dev": false, "a_b": false, "a.b": false,
	} {
		_, err := settings.Load("wordpress", name, config(t, nil))
		if good {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "stack \""+name+"\": want a lower-case letter", name)
		require.ErrorContains(t, err, "32 characters", name)
	}
}

// Pulumi.yaml declares what Load reads, and nothing else.
func TestDeclaredKeysAreThoseThatAreRead(t *testing.T) {
	t.Parallel()
	project, err := stackfile.ReadProject(root)
	require.NoError(t, err)
	read := 0
	for key, declared := range project.Config {
		full := project.Full(key)
		if strings.HasPrefix(full, "pulumi:") {
			continue
		}
		read++
		c := config(t, nil)
		delete(c, full)
		_, err := settings.Load("wordpress", "dev", c)
		require.ErrorContains(t, err, `config "`+full+`": not set`, "%s is declared but not read", key)
		if full == key {
			require.NotNil(t, declared.Value, key)
			continue
		}
		require.Contains(t, []string{"string", "integer", "boolean"}, declared.Type, key)
		require.NotNil(t, declared.Default, "%s has no default", key)
		require.Regexp(t, `^[A-Z].{20,}\.$`, declared.Description, key)
	}
	_, err = settings.Load("wordpress", "dev", nil)
	require.Len(t, problems(err), read, "Load reads a key that Pulumi.yaml does not declare")
}

func TestStackFilesSetDeclaredKeys(t *testing.T) {
	t.Parallel()
	project, err := stackfile.ReadProject(root)
	require.NoError(t, err)
	for _, stack := range stacks {
		set, err := stackfile.Set(root, stack)
		require.NoError(t, err)
		require.NotEmpty(t, set)
		for key := range set {
			require.Contains(t, project.Config, strings.TrimPrefix(key, project.Name+":"), "Pulumi.%s.yaml", stack)
		}
	}
}

func problems(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	return joined.Unwrap()
}
