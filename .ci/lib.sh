# What the scripts beside this file share: where things lie, and how a missing tool is asked for.
# Sourced from the top of the repository.

cache="${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/phm"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$cache/target}"
export CARGO_TERM_PROGRESS_WHEN=never
web=phm-appliance/web
mkdir -p "$cache"

say() { printf '%s\n' "$*"; }
die() { printf 'phm: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# One hash over files, or over everything given on standard input.
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

# Whether the stamp file $1 holds $2.
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# Debian's chromium, or what stands in for it.
chromium_path() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
