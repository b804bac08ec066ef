#!/bin/sh
# Installs what the tests need besides Python, each package only where its command is missing:
# LibreOffice Calc, a second opinion on effective colours, Chromium, for the pages, the servers that
# the service can be given, PostgreSQL and Redis, and what it is rolled out with, nginx and systemd.
set -eu
missing=""
command -v soffice >/dev/null 2>&1 || missing="$missing libreoffice-calc-nogui"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "please install$missing and run again" >&2
    exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
$sudo apt-get update -q
# shellcheck disable=SC2086 # a list of packages, to be split
$sudo apt-get install -y -q --no-install-recommends $missing
