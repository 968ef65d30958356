package postgres

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldest is the first major version of PostgreSQL that Premia supports.
const oldest = 15

// ErrNotInstalled says that this machine has no PostgreSQL that tests can use.
var ErrNotInstalled = fmt.Errorf("no PostgreSQL %d or newer on this machine; on Debian, `apt-get install postgresql` brings it", oldest)

// installation is where PostgreSQL's programs are.
type installation struct{ initdb, postgres string }

// find looks in PATH, then where Debian keeps the versions, newest first.
func find() (installation, error) {
	var refused error
	for _, candidate := range candidates() {
		version, err := majorVersion(candidate.postgres)
		switch {
		case err != nil:
			refused = errors.Join(refused, err)
		case version < oldest:
			refused = errors.Join(refused, fmt.Errorf("%s is version %d", candidate.postgres, version))
		default:
			return candidate, nil
		}
	}
	if refused != nil {
		return installation{}, fmt.Errorf("%w (%w)", ErrNotInstalled, refused)
	}
	return installation{}, ErrNotInstalled
}

func candidates() []installation {
	var found []installation
	initdb, err1 := exec.LookPath("initdb")
	postgres, err2 := exec.LookPath("postgres")
	if err1 == nil && err2 == nil {
		found = append(found, installation{initdb, postgres})
	}
	servers, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // its only error is a bad pattern
	slices.SortFunc(servers, func(a, b string) int { return folderVersion(b) - folderVersion(a) })
	for _, server := range servers {
		found = append(found, installation{filepath.Join(filepath.Dir(server), "initdb"), server})
	}
	return found
}

// folderVersion is 15 for /usr/lib/postgresql/15/bin/postgres; 0 when the folder
// is not named after a version.
func folderVersion(server string) int {
	version, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(server))))
	if err != nil {
		return 0
	}
	return version
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func majorVersion(postgres string) (int, error) {
	answer, err := exec.Command(postgres, "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("%s --version: %w", postgres, err)
	}
	match := versionPattern.FindSubmatch(answer)
	if match == nil {
		return 0, fmt.Errorf("%s --version says %q", postgres, answer)
	}
	return strconv.Atoi(string(match[1]))
}
