package engine

import (
	"net/url"
	"os"
	"slices"
	"strings"
)

// nowhere is a loopback address at which nothing listens.
const nowhere = "http://127.0.0.1:9"

// ForProgram is what a program needs in its environment to ask the local cloud where it
// asks AWS by itself: the address at which ECS answers, and credentials that are nobody's.
func ForProgram(ecs string) []string {
	return []string{
		"AWS_ENDPOINT_URL_ECS=" + ecs,
		"AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// scrubbed is the caller's environment without AWS credentials, without an account at
// Pulumi Cloud and without what would point Pulumi elsewhere. Should something in the
// program look for AWS by itself, it finds no credentials and no address.
func scrubbed() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return strings.HasPrefix(name, "AWS_") || slices.Contains(ownVariables(), name)
	})
	return append(env,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_CONFIG_FILE="+os.DevNull,
		"AWS_ENDPOINT_URL="+nowhere,
	)
}

// ownVariables are set by the local cloud, or must not reach Pulumi through it.
func ownVariables() []string {
	return []string{
		"PULUMI_ACCESS_TOKEN", "PULUMI_API", "PULUMI_BACKEND_URL", "PULUMI_HOME", "PULUMI_STACK",
		"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE",
		"PULUMI_DEBUG_PROVIDERS", "PULUMI_DEBUG_LANGUAGES", "PULUMI_DEBUG_COMMANDS",
		"PULUMI_DIY_BACKEND_LEGACY_LAYOUT", "PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT",
		"PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP",
		"PULUMI_DIY_BACKEND_ZSTD", "PULUMI_SELF_MANAGED_STATE_ZSTD",
		"PWD",
	}
}

// backendURL is where Pulumi keeps its state. The metadata that it would keep beside every
// file says nothing about a file on disk, and unlike the files themselves it is not written
// in one step: a process that is killed leaves a state that cannot be read.
func (e *Engine) backendURL() string {
	location := url.URL{Scheme: "file", Path: e.stateDir(), RawQuery: "metadata=skip"}
	return location.String()
}

// cliEnvironment is what the Pulumi CLI runs with: state and settings of this home,
// no plugins of the machine, no questions to any server.
func (e *Engine) cliEnvironment(workDir, providers, ecs string) []string {
	env := append(scrubbed(),
		"PWD="+workDir,
		"PULUMI_HOME="+e.pulumiHome(),
		"PULUMI_BACKEND_URL="+e.backendURL(),
		"PULUMI_CONFIG_PASSPHRASE_FILE="+e.passphraseFile(),
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_IGNORE_AMBIENT_PLUGINS=true",
		"PULUMI_DEBUG_COMMANDS=true", // allows --event-log
	)
	if providers != "" {
		env = append(env, "PULUMI_DEBUG_PROVIDERS="+providers)
		env = append(env, ForProgram(ecs)...)
	}
	return env
}
