package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"premia/internal/testkit"
)

// deployed reads a file of those that put Premia onto machines.
func deployed(t *testing.T, path string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestDeploymentsSetWhatIsThere finds settings in the container's and the service's files
// that no flag of the server is for.
func TestDeploymentsSetWhatIsThere(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	run([]string{"serve", "--help"}, nil, &help, &help)
	for _, path := range []string{"deploy/Dockerfile", "deploy/premia.service"} {
		set := regexp.MustCompile(`PREMIA_[A-Z_]+`).FindAllString(deployed(t, path), -1)
		if len(set) < 3 {
			t.Errorf("%s sets %q", path, set)
		}
		for _, name := range set {
			if name != "PREMIA_NAME" && !strings.Contains(help.String(), "$"+name) {
				t.Errorf("%s has %s, which premia serve does not know", path, name)
			}
		}
	}
}

// TestDockerfile follows what the image is made of: each stage that is copied from exists,
// nothing is copied from the sources into the image but the binary, and the folders that
// the server writes to are given their modes within one that is copied.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	src := strings.ReplaceAll(deployed(t, "deploy/Dockerfile"), "\\\n", " ")
	known := regexp.MustCompile(`^(ARG|FROM|WORKDIR|COPY|RUN|USER|VOLUME|EXPOSE|ENV|ENTRYPOINT|CMD) `)
	stages, last := map[string]bool{}, ""
	for _, line := range strings.Split(src, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !known.MatchString(line) {
			t.Errorf("no instruction: %s", line)
		}
		words := strings.Fields(line)
		switch words[0] {
		case "FROM":
			last = words[len(words)-1]
			stages[last] = true
		case "COPY":
			from := regexp.MustCompile(`--from=(\S+)`).FindStringSubmatch(line)
			if last == "scratch" && (from == nil || !stages[from[1]]) {
				t.Errorf("copied from no stage: %s", line)
			}
		}
	}
	if version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(deployed(t, "go.mod")); !strings.Contains(src, "ARG GO="+version[1]+"\n") {
		t.Errorf("the image is built by another Go than %s", version[1])
	}
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath", "chmod 1777 /out/folders/tmp", "/out/folders/ /", "USER 65532:65532"} {
		if !strings.Contains(src, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// TestUnit has systemd check the unit, where there is one to ask.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit := deployed(t, "deploy/premia.service")
	for _, want := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "StateDirectory=premia"} {
		if !strings.Contains(unit, want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	asked, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("there is no systemd here that could check the unit")
		return
	}
	folder := t.TempDir()
	binary := filepath.Join(folder, "premia")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "premia.service")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(unit, "/usr/local/bin/premia", binary)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(asked, "verify", "--man=no", path).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte(path)) {
		t.Errorf("systemd says (%v): %s", err, out)
	}
}

// TestReleaseScript refuses what is no version before it builds anything.
func TestReleaseScript(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Log("there is no bash here to run the script")
		return
	}
	script := filepath.Join(testkit.RepoRoot(t), "scripts", "release.sh")
	for _, args := range [][]string{{}, {"1.2.3"}, {"v1.2"}, {"v1.2.3; true"}, {"v1.2.3", "--chek"}} {
		command := exec.Command(shell, append([]string{script}, args...)...)
		out, err := command.CombinedOutput()
		if command.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "usage: scripts/release.sh v1.2.3") {
			t.Errorf("%q: %v %s", args, err, out)
		}
	}
	if out, err := exec.Command(shell, "-n", script).CombinedOutput(); err != nil {
		t.Errorf("the script is none: %s", out)
	}
}
