#!/bin/sh
# Prepares .venv from requirements.lock: make runs it whenever the lock or the project file has changed.
# Everything it installs is checked against the hashes of the lock; where packages come from is pip's own setting.
set -eu
venv=$1

works() { # a name on PATH may be a shim for a Python that is not there, or lack ensurepip: try it
    "$1" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if works "$candidate"; then command -v "$candidate"; return; fi
    done
    echo "No working Python 3.11 or later with venv was found. Install one (on Debian: python3 and" >&2
    echo "python3-venv), or name one: make PYTHON=/path/to/python3" >&2
    exit 1
}

install_with_uv() {
    UV_PYTHON_DOWNLOADS=never "$1" pip install --quiet --python "$venv/bin/python" \
        --require-hashes -r requirements.lock
}

own_uv() { # uv itself comes out of the lock, with its hashes
    awk '/^[a-z]/ {keep = /^uv==/} keep' requirements.lock > "$venv/uv.lock"
    "$venv/bin/python" -m pip install --quiet --require-hashes -r "$venv/uv.lock"
}

if [ ! -x "$venv/bin/python" ] || ! works "$venv/bin/python"; then
    python=$(find_python)
    echo "Preparing $venv with $("$python" --version) …"
    rm -rf "$venv"
    "$python" -m venv "$venv"
else
    echo "Bringing $venv up to requirements.lock …"
fi

if uv --version >/dev/null 2>&1 && install_with_uv uv; then :
elif own_uv && install_with_uv "$venv/bin/uv"; then :
else
    echo "uv cannot install here; using pip, which takes a little longer."
    "$venv/bin/python" -m pip install --quiet --require-hashes -r requirements.lock
fi
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
