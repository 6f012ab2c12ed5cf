#!/bin/sh
# Builds sipwhy in a checkout, the working directory, and installs it into the folder $1 with production dependencies alone,
# in the versions of the lock file. The Dockerfile and the tests run it.
set -eu
into=$1

[ -d node_modules ] || npm ci --no-audit --no-fund
tarball=$(npm pack --silent | tail -n 1)
mkdir -p "$into"
tar -xzf "$tarball" -C "$into" --strip-components=1
rm "$tarball"
cp package-lock.json "$into/"
cd "$into"
npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund
