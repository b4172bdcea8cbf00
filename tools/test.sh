#!/bin/sh
# Runs every test. The packages that need the Pulumi CLI build it on first use.
set -eu
cd "$(dirname "$0")/.."
exec go test -shuffle=on -timeout 25m ./...
