#!/bin/sh
# Runs every test, without go vet, which lint.sh runs. The packages that need the Pulumi CLI build it on first use.
set -eu
cd "$(dirname "$0")/.."
live=./tests/live
# shellcheck disable=SC2046 # a list of packages
go test -vet=off -shuffle=on -timeout 45m $(go list ./... | grep -v '/tests/live$')
# Whole deployments under load have the machine for themselves, one after the other.
go test -vet=off -shuffle=on -timeout 60m -parallel 1 -v "$live"
