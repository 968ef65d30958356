package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxLine bounds a line, and all lines of one row together, in bytes: as much as
// an event as a caller sends it.
const maxLine = 256 << 10

// shownOfLong is how much of a line that is too long is kept, to recognise it.
const shownOfLong = 1_000

// line is one physical line of a file, as text in UTF-8, without its end.
type line struct {
	no   int
	text string
	// tooLong tells that only the beginning is there.
	tooLong bool
}

// lines reads a file line by line.
type lines struct {
	file   *os.File
	buffer *bufio.Reader
	table  *charmap.Charmap // nil for UTF-8
	no     int
	back   []line // pushed back, the next one last
	read   *int64 // of the file's own bytes, over all files
}

// counting counts the bytes that are read through it.
type counting struct {
	from  io.Reader
	count *int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	*c.count += int64(n)
	return n, err
}

var charmaps = map[string]*charmap.Charmap{
	"latin-1": charmap.ISO8859_1, "windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252,
}

// openLines opens a file, plain or gzip, which its first bytes tell.
func openLines(path, encoding string, read *int64) (*lines, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	l := &lines{file: file, table: charmaps[encoding], read: read}
	raw := bufio.NewReaderSize(counting{file, read}, 64<<10)
	l.buffer = raw
	head, _ := raw.Peek(2)
	if bytes.Equal(head, gzipMagic) {
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, errors.Join(&DamagedError{File: path, Err: err}, file.Close())
		}
		l.buffer = bufio.NewReaderSize(unzipped, 64<<10)
	}
	if err := l.skipMark(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return l, nil
}

var gzipMagic = []byte{0x1f, 0x8b}

// intact reads a compressed file through once before any of it counts, because
// its checksum, the only way to notice a wrong byte, stands at its end. A file
// that is merely cut off passes: what it has is right. Nothing is read of what is
// not compressed, or no ordinary file.
func intact(path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil // opening it will tell
	}
	file, err := os.Open(path)
	if err != nil {
		return nil // as will opening it again
	}
	defer file.Close()
	raw := bufio.NewReaderSize(file, 64<<10)
	if head, _ := raw.Peek(2); !bytes.Equal(head, gzipMagic) {
		return nil
	}
	unzipped, err := gzip.NewReader(raw)
	if err == nil {
		_, err = io.Copy(io.Discard, unzipped)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// skipMark skips the byte order mark of UTF-8 and refuses that of UTF-16.
func (l *lines) skipMark() error {
	head, _ := l.buffer.Peek(3)
	switch {
	case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := l.buffer.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return errors.New("the file is written in UTF-16; save it as UTF-8")
	}
	return nil
}

func (l *lines) close() error { return l.file.Close() }

// next gives the next line. The error is io.EOF at the end; any other means that
// the rest of the file can not be read.
func (l *lines) next() (line, error) {
	if n := len(l.back); n > 0 {
		top := l.back[n-1]
		l.back = l.back[:n-1]
		return top, nil
	}
	raw, long, err := l.physical()
	if err != nil && (!errors.Is(err, io.EOF) || len(raw) == 0) {
		return line{}, err
	}
	l.no++
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte{'\n'}), []byte{'\r'})
	return line{l.no, l.decode(raw), long}, nil
}

// physical reads up to the next line feed; of a line that is too long it keeps
// the beginning and skips the rest. The bytes are good until the next call.
func (l *lines) physical() (raw []byte, long bool, err error) {
	raw, err = l.buffer.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return raw, false, err
	}
	raw = append([]byte(nil), raw...)
	for errors.Is(err, bufio.ErrBufferFull) {
		var more []byte
		more, err = l.buffer.ReadSlice('\n')
		if !long {
			raw = append(raw, more...)
		}
		long = long || len(raw) > maxLine
	}
	if long {
		raw = raw[:shownOfLong]
	}
	return raw, long, err
}

// pushBack lets next give these lines again.
func (l *lines) pushBack(again []line) {
	for i := len(again) - 1; i >= 0; i-- {
		l.back = append(l.back, again[i])
	}
}

func (l *lines) decode(raw []byte) string {
	if l.table == nil {
		return string(raw)
	}
	var b strings.Builder
	b.Grow(len(raw))
	for _, c := range raw {
		if c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.WriteRune(l.table.DecodeByte(c))
		}
	}
	return b.String()
}
