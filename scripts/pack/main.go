// Command pack puts files into an archive of a release: pack TO FILE…, as .zip or .tar.gz
// by TO's name. The first file is the program. The same files and the same
// SOURCE_DATE_EPOCH give the same bytes on every machine: nothing of a file but its name
// and content goes in.
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// run packs files; epoch is the time that all of them carry, in seconds since 1970.
func run(args []string, epoch string) (err error) {
	if len(args) < 2 {
		return errors.New("write pack TO FILE…")
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH is %q and no number of seconds", epoch)
	}
	out, err := os.Create(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	at := time.Unix(seconds, 0).UTC()
	switch {
	case strings.HasSuffix(args[0], ".zip"):
		return zipped(out, args[1:], at)
	case strings.HasSuffix(args[0], ".tar.gz"):
		return tarred(out, args[1:], at)
	}
	return fmt.Errorf("%s ends neither in .zip nor in .tar.gz", args[0])
}

// modeOf is that of the n-th file: the first is the program.
func modeOf(n int) os.FileMode {
	if n == 0 {
		return 0o755
	}
	return 0o644
}

func zipped(to io.Writer, files []string, at time.Time) error {
	archive := zip.NewWriter(to)
	for n, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		head := &zip.FileHeader{Name: filepath.Base(file), Method: zip.Deflate, Modified: at}
		head.SetMode(modeOf(n))
		w, err := archive.CreateHeader(head)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			return err
		}
	}
	return archive.Close()
}

func tarred(to io.Writer, files []string, at time.Time) error {
	packed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	for n, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		head := &tar.Header{Name: filepath.Base(file), Mode: int64(modeOf(n)), Size: int64(len(content)), ModTime: at, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(head); err != nil {
			return err
		}
		if _, err := archive.Write(content); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), packed.Close())
}
