#!/usr/bin/env bash
# Installs the HL7 v2 software that tests meet as peers into a folder, at fixed versions: `ci/peers.sh FOLDER`, then
# `WARDGATE_PEERS=FOLDER cargo test`. Where Python or Node is not here, the tests of its peers say that they were skipped.
set -euo pipefail

folder=${1:?usage: ci/peers.sh FOLDER}
mkdir -p "$folder"

if command -v python3 >/dev/null && python3 -m venv "$folder/venv"; then
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check hl7==0.4.5 hl7apy==1.3.5
else
    echo "no Python with venv: its peers are left out"
    rm -rf "$folder/venv"
fi

if command -v npm >/dev/null; then
    npm install --prefix "$folder" --no-fund --no-audit --loglevel=error --save-exact \
        simple-hl7@3.3.0 node-hl7-client@3.2.0 node-hl7-server@2.5.0
else
    echo "no npm: its peers are left out"
fi
