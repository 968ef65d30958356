#!/usr/bin/env bash
# Makes the machine ready for the tests. On Debian, as root, it installs what is
# missing from Debian's packages; elsewhere it says what will be skipped and why.
# It is quiet when there is nothing to do.
set -euo pipefail

# The same places in which the tests look for a server.
has_postgres() {
  command -v initdb >/dev/null && command -v postgres >/dev/null && return
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

may_install() { [ -f /etc/debian_version ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; }

# Installs packages; fetches the lists of packages only if it must.
install() {
  export DEBIAN_FRONTEND=noninteractive
  local how=(apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
  "${how[@]}" || { apt-get update -qq && "${how[@]}"; }
}

# Debian starts a server for everyone with the package. The tests bring their
# own, and a developer's machine should not gain one, so ask for none meanwhile.
install_postgres() {
  local common=/etc/postgresql-common own
  mkdir -p "$common/createcluster.d"
  own=$common/createcluster.d/premia-test.conf
  trap 'rm -f "$own"' RETURN
  install postgresql-common && echo 'create_main_cluster = false' >"$own" && install postgresql
}

if ! has_postgres; then
  if may_install; then
    echo "Installing PostgreSQL from Debian's packages, for the tests."
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! install_postgres >"$log" 2>&1 || ! has_postgres; then
      tail -n 15 "$log" >&2
      echo "PostgreSQL could not be installed, so the tests on it are skipped." >&2
    fi
  else
    echo "PostgreSQL is not installed, and only root on Debian installs it here: the tests on it are skipped." >&2
  fi
fi

# The same names by which the tests look for a browser.
has_chromium() {
  local name
  for name in chromium-headless-shell chrome-headless-shell headless-shell chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && return
  done
  return 1
}

# The shell without windows is quicker to install and to run; older Debians lack it.
install_chromium() {
  install chromium-headless-shell fonts-dejavu-core || install chromium fonts-dejavu-core
}

if ! has_chromium; then
  if may_install; then
    echo "Installing Chromium from Debian's packages, for the tests of pages."
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! install_chromium >"$log" 2>&1 || ! has_chromium; then
      tail -n 15 "$log" >&2
      echo "Chromium could not be installed, so the tests of pages are skipped." >&2
    fi
  else
    echo "Chromium is not installed, and only root on Debian installs it here: the tests of pages are skipped." >&2
  fi
fi
