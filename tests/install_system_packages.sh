#!/bin/sh
# Installs what the tests need besides Python: LibreOffice Calc, a second opinion on effective colours.
set -eu
if command -v soffice >/dev/null 2>&1; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "please install LibreOffice Calc (soffice) and run again" >&2
    exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
$sudo apt-get update -q
$sudo apt-get install -y -q --no-install-recommends libreoffice-calc-nogui
