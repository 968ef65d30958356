package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"

	"premia/internal/channel/mail"
	"premia/internal/store"
)

// serve speaks SMTP (RFC 5321) with one client, and gives what it was handed.
func serve(t *testing.T, refuse string) (address string, said <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := make(chan string, 1)
	go func() {
		defer close(out)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		out <- converse(c, refuse)
	}()
	return l.Addr().String(), out
}

func converse(c net.Conn, refuse string) string {
	var all strings.Builder
	lines := bufio.NewReader(c)
	fmt.Fprint(c, "220 test\r\n")
	for data := false; ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return all.String()
		}
		all.WriteString(line)
		word := strings.ToUpper(strings.Fields(line + " x")[0])
		switch {
		case data && line == ".\r\n":
			data = false
			fmt.Fprint(c, "250 taken\r\n")
		case data:
		case refuse != "" && word == refuse:
			fmt.Fprint(c, "550 nobody of that name\r\n")
		case word == "EHLO":
			fmt.Fprint(c, "250-test\r\n250 8BITMIME\r\n")
		case word == "DATA":
			data = true
			fmt.Fprint(c, "354 go on\r\n")
		case word == "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return all.String()
		default:
			fmt.Fprint(c, "250 well\r\n")
		}
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	address, said := serve(t, "")
	s, err := mail.Parse("smtp://"+address, "Bean Club <club@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	m := &store.Message{Recipient: "lukasz@example.com", Subject: "Zaproszenie do „Łąki”\r\nBcc: eve@example.com", Body: "Dzień dobry,\n\nhttps://club.example/console/welcome/abc\n"}
	if err := s.Send(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	conversation := <-said
	for _, part := range []string{"MAIL FROM:<club@example.com>", "RCPT TO:<lukasz@example.com>"} {
		if !strings.Contains(conversation, part) {
			t.Errorf("it lacks %s:\n%s", part, conversation)
		}
	}
	if strings.Contains(conversation, "RCPT TO:<eve@example.com>") {
		t.Error("a subject added a recipient")
	}
	_, text, _ := strings.Cut(conversation, "DATA\r\n")
	read, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil || !strings.Contains(subject, "Łąki") || read.Header.Get("Bcc") != "" || read.Header.Get("Auto-Submitted") != "auto-generated" || read.Header.Get("Message-Id") == "" {
		t.Errorf("headers %v (%v)", read.Header, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	if err != nil || !bytes.Contains(body, []byte("Dzień dobry")) || !bytes.Contains(body, []byte("/console/welcome/abc")) {
		t.Errorf("the body is %q (%v)", body, err)
	}
}

func TestRefusedByTheServer(t *testing.T) {
	t.Parallel()
	address, said := serve(t, "RCPT")
	s, err := mail.Parse("smtp://"+address, "club@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(context.Background(), &store.Message{Recipient: "a@example.com", Subject: "x", Body: "x"}); err == nil || !strings.Contains(err.Error(), "nobody of that name") {
		t.Errorf("came to %v", err)
	}
	<-said
}

func TestParse(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"smtp://mail.example:587": true, "smtps://user:pass@mail.example": true,
		"mail.example": false, "http://mail.example": false, "smtp://": false, "smtp://user:geheim@mail.example:port": false,
	} {
		_, err := mail.Parse(address, "club@example.com")
		if (err == nil) != good || err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := mail.Parse("smtp://mail.example", "nobody"); err == nil {
		t.Error("a sender without an address was taken")
	}
}
