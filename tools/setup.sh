#!/bin/sh
# Prepares this machine, where a Debian package is missing that it needs. Says in one line what it can't do,
# and never fails for it: without it everything else works.
#   tools/setup.sh image     for building the image: where Docker answers and its base image is neither here
#                            nor to be pulled, mmdebstrap makes it
#   tools/setup.sh tests     for the tests that use a site as people do, and those of the build's downloads
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

# debian_package installs a package; its log shows only when that fails.
debian_package() {
	log=$(mktemp)
	if { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --yes --no-install-recommends "$1"; } >"$log" 2>&1; then
		say "installed $1"
	else
		cat "$log" >&2
		say "$1 could not be installed; as root, run: apt-get install $1"
	fi
	rm -f "$log"
}

prepare_image() {
	base=$(awk 'toupper($1) == "FROM" { print $2; exit }' image/Dockerfile)
	if ! docker version >/dev/null 2>&1; then
		say "no Docker engine answers; images get a digest from their files and are not built"
	elif docker image inspect "$base" >/dev/null 2>&1 || command -v mmdebstrap >/dev/null; then
		return
	elif timeout 120 docker pull --quiet "$base" >/dev/null 2>&1; then
		say "pulled $base"
	elif ! command -v apt-get >/dev/null; then
		say "$base can't be pulled, and mmdebstrap, which makes it, is not installed (it is a Debian package)"
	else
		say "installing mmdebstrap: $base can't be pulled and is made from Debian's packages"
		debian_package mmdebstrap
	fi
}

prepare_tests() {
	prepare_browser
	if ! command -v curl >/dev/null && command -v apt-get >/dev/null; then
		say "installing curl for the tests of the build's downloads"
		debian_package curl
	fi
}

prepare_browser() {
	for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
		if command -v "$name" >/dev/null; then
			return
		fi
	done
	if ! command -v apt-get >/dev/null; then
		say "no Chromium or Chrome is installed; the tests that need one are skipped"
		return
	fi
	say "installing chromium for the tests that use a site as people do"
	debian_package chromium
}

for part in "$@"; do
	case $part in
	image | tests) "prepare_$part" ;;
	*)
		say "unknown part \"$part\"; there are image and tests" >&2
		exit 64
		;;
	esac
done
