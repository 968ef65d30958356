package postgres

import (
	"errors"
	"fmt"
	"os"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the account of the operating system that a cluster runs as.
type account struct {
	credential *syscall.Credential // nil: the account of this process
}

// serverAccount is this process's own account, or, for root, one with fewer
// rights, because PostgreSQL refuses to run as root.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(found.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(found.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return account{}, errors.New("PostgreSQL does not run as root, and this machine has no account named postgres or nobody to run it as")
}

// makeFolder makes a temporary folder that only the account can enter, with an
// empty log in it.
func (a account) makeFolder() (string, error) {
	parent := os.TempDir()
	if a.credential != nil && !openToAll(parent) {
		parent = "/tmp"
	}
	folder, err := os.MkdirTemp(parent, "premia-test-postgres-")
	if err != nil {
		return "", err
	}
	if err := errors.Join(a.own(folder), a.writeFile(filepath.Join(folder, "log"), nil)); err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	return folder, nil
}

// openToAll says whether any account can reach the folder.
func openToAll(folder string) bool {
	for {
		info, err := os.Stat(folder)
		if err != nil || info.Mode()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return true
		}
		folder = parent
	}
}

func (a account) writeFile(path string, content []byte) error {
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	return a.own(path)
}

func (a account) own(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(path, int(a.credential.Uid), int(a.credential.Gid))
}
