#!/usr/bin/env bash
# Builds the release's archives into dist/, for each system, with their checksums.
#
#   scripts/release.sh v1.2.3          build all
#   scripts/release.sh v1.2.3 --check  build each twice, in two folders, and compare
#
# The same commit and version give the same bytes on any machine: the Go version is
# the one that go.mod names, paths are trimmed, and archives carry the commit's time.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-}
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || {
  echo "usage: scripts/release.sh v1.2.3 [--check]; \"$version\" is no version" >&2
  exit 2
}
systems=${SYSTEMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}
go=$(awk '$1 == "go" {print $2}' go.mod)
export CGO_ENABLED=0 GOTOOLCHAIN="go$go" GOFLAGS=-trimpath GOAMD64=v1 GOARM64=v8.0
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

# archive FROM TO: packs a folder with nothing in it that differs between machines.
archive() {
  tar --create --directory "$1" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w,a+X . |
    gzip --no-name --best >"$2"
}

# build SYSTEM SOURCE TO: builds one archive from the sources in a folder.
build() {
  local system=$1 source=$2 to=$3 name="premia_${version#v}_${1/\//_}" folder binary=premia
  folder=$(mktemp -d)
  [[ $system == windows/* ]] && binary=premia.exe
  (cd "$source" && GOOS=${system%/*} GOARCH=${system#*/} go build -buildvcs=false \
    -ldflags "-s -w -buildid= -X main.release=$version" -o "$folder/$binary" ./cmd/premia)
  cp "$source/LICENSE" "$source/README.md" "$folder/"
  [[ $system == linux/* ]] && cp "$source/deploy/premia.service" "$folder/"
  archive "$folder" "$to/$name.tar.gz"
  rm -rf "$folder"
}

mkdir -p dist
rm -f dist/premia_*.tar.gz dist/SHA256SUMS
for system in $systems; do
  echo "building $system"
  build "$system" . dist
done
(cd dist && sha256sum premia_*.tar.gz >SHA256SUMS)

if [[ ${2:-} == --check ]]; then
  again=$(mktemp -d)
  trap 'rm -rf "$again"' EXIT
  mkdir "$again/elsewhere" "$again/dist"
  git ls-files -z | tar --create --null --files-from=- | tar --extract --directory "$again/elsewhere"
  for system in $systems; do
    echo "building $system again, elsewhere"
    build "$system" "$again/elsewhere" "$again/dist"
  done
  (cd "$again/dist" && sha256sum --check --quiet "$OLDPWD/dist/SHA256SUMS")
  echo "both builds are the same, byte for byte"
fi
cat dist/SHA256SUMS
