# What the guides begin with: `. docs/guides/begin.sh` in a shell in this folder, while `make run` is up in another.

G=${G:-http://127.0.0.1:8080}       # the front door
J='Content-Type: application/json'
T=$(mktemp -d)                      # what the steps keep

# Values of the JSON that comes in: pick items.0.id next
pick() {
  python3 -c 'import json, sys
whole = json.load(sys.stdin)
for path in sys.argv[1:]:
    at = whole
    for key in path.split("."):
        at = at[int(key) if isinstance(at, list) else key]
    print(at if isinstance(at, str) else json.dumps(at, ensure_ascii=False))' "$@"
}

# One of the demonstration's secrets. Yours is shown once, where your client is registered, and you keep it.
secret() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "${SHOUTU_HOME:-.shoutu}/secrets.json" "$1"; }

# The header that acts as a client: OAuth's client credentials. A token holds for ten minutes; then get another.
as() {
  echo "Authorization: Bearer $(curl -s "$G/oauth/token" -u "$1:$(secret "client/$1")" -d grant_type=client_credentials |
    pick access_token)"
}

# Try until it succeeds, for half a minute: what follows from an act of yours in another service takes a moment.
until_so() {
  tries=60
  until "$@"; do
    tries=$((tries - 1)); [ $tries -gt 0 ] || return 1
    sleep 0.5
  done
}
