#!/bin/sh
# Checks formatting, Go code, shell scripts and the Dockerfile. Linters are built from modules of their own.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.local/bin
mkdir -p "$bin"

say() { printf '%s\n' "$*"; }

say "gofmt"
unformatted=$(git ls-files -z '*.go' | xargs -0 gofmt -l)
if [ -n "$unformatted" ]; then
	say "not formatted: $unformatted" >&2
	exit 1
fi

say "go vet"
go vet ./...

say "go mod tidy"
for module in . tools/pulumi tools/lint tools/dockerlint tools/awsmodels; do
	(cd "$module" && go mod tidy -diff)
done

say "golangci-lint"
go build -C tools/lint -o "$bin/golangci-lint" github.com/golangci/golangci-lint/v2/cmd/golangci-lint
"$bin/golangci-lint" run ./...

say "dockerlint"
go build -C tools/dockerlint -o "$bin/dockerlint" .
git ls-files -z '*Dockerfile' | xargs -0 "$bin/dockerlint"

say "shellcheck"
if ! command -v shellcheck >/dev/null; then
	say "shellcheck is not installed: apt-get install shellcheck" >&2
	exit 1
fi
git grep -lzE '^#!/bin/(sh|bash)' | xargs -0 shellcheck
