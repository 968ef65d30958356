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
[[ $# -le 1 || $# -eq 2 && $2 == --check ]] || {
  echo "usage: scripts/release.sh v1.2.3 [--check]; \"${*:2}\" is not known" >&2
  exit 2
}
systems=${SYSTEMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}
go=$(awk '$1 == "go" {print $2}' go.mod)
export CGO_ENABLED=0 GOTOOLCHAIN="go$go" GOFLAGS=-trimpath GOAMD64=v1 GOARM64=v8.0
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
go build -o "$tools/pack" ./scripts/pack

# build SYSTEM SOURCE TO: builds one archive from the sources in a folder.
build() {
  local system=$1 source=$2 to=$3 name="premia_${version#v}_${1/\//_}" folder binary=premia kind=tar.gz
  folder=$(mktemp -d "$tools/XXXXXX")
  [[ $system == windows/* ]] && binary=premia.exe kind=zip
  (cd "$source" && GOOS=${system%/*} GOARCH=${system#*/} go build -buildvcs=false \
    -ldflags "-s -w -buildid= -X main.release=$version" -o "$folder/$binary" ./cmd/premia)
  local files=("$folder/$binary" "$source/LICENSE" "$source/README.md")
  [[ $system == linux/* ]] && files+=("$source/deploy/premia.service")
  "$tools/pack" "$to/$name.$kind" "${files[@]}"
  rm -rf "$folder"
}

mkdir -p dist
rm -f dist/premia_*.tar.gz dist/premia_*.zip dist/SHA256SUMS
for system in $systems; do
  echo "building $system"
  build "$system" . dist
done
(cd dist && for file in premia_*; do sha256sum "$file"; done >SHA256SUMS)

if [[ ${2:-} == --check ]]; then
  mkdir "$tools/elsewhere" "$tools/dist"
  git ls-files -z | tar --create --null --files-from=- | tar --extract --directory "$tools/elsewhere"
  for system in $systems; do
    echo "building $system again, elsewhere"
    build "$system" "$tools/elsewhere" "$tools/dist"
  done
  (cd "$tools/dist" && sha256sum --check --quiet "$OLDPWD/dist/SHA256SUMS")
  echo "both builds are the same, byte for byte"
fi
cat dist/SHA256SUMS
