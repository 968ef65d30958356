#!/usr/bin/env bash
# Runs every fuzz target of the repository in turn, each for the given time
# (60s unless said). Go keeps an input that fails in the package's testdata/fuzz,
# where it becomes a test of every later run: commit it with the fix.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-60s}
grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file found; do
  target=${found#func }
  folder=$(dirname "$file")
  echo "== $folder $target, $time"
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$folder" </dev/null
done
