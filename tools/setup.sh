#!/bin/sh
# Prepares this machine for building the image: where Docker answers and its base image is
# neither here nor to be pulled, mmdebstrap has to be installed to make it. Says in one line
# what it can't do, and never fails for it: without the image everything else works.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

# as_root runs a command as root without asking for a password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

install_mmdebstrap() {
	as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --yes --no-install-recommends mmdebstrap
}

base=$(awk 'toupper($1) == "FROM" { print $2; exit }' image/Dockerfile)

if ! docker version >/dev/null 2>&1; then
	say "no Docker engine answers; images get a digest from their files and are not built"
	exit 0
fi
if docker image inspect "$base" >/dev/null 2>&1 || command -v mmdebstrap >/dev/null; then
	exit 0
fi
if timeout 120 docker pull --quiet "$base" >/dev/null 2>&1; then
	say "pulled $base"
	exit 0
fi
if ! command -v apt-get >/dev/null; then
	say "$base can't be pulled, and mmdebstrap, which makes it, is not installed (it is a Debian package)"
	exit 0
fi
say "installing mmdebstrap: $base can't be pulled and is made from Debian's packages"
# In a log of its own: what apt says helps only when it fails.
log=$(mktemp)
if install_mmdebstrap >"$log" 2>&1; then
	say "installed mmdebstrap"
else
	cat "$log" >&2
	say "mmdebstrap could not be installed; as root, run: apt-get install mmdebstrap"
fi
rm -f "$log"
