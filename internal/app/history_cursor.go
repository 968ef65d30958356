package app

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"premia/internal/core/ledger"
)

// Cursors are the places that a history was read to, which callers should not
// reckon with: members and numbers in turn.
const cursorPrefix = "h2"

// HistoryCursor writes the places at which a page of a history ended; empty after the
// last.
func HistoryCursor(next []HistoryPlace) string {
	if len(next) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(cursorPrefix)
	for _, place := range next {
		b.WriteString(":" + strconv.FormatInt(int64(place.Member), 36) + ":" + strconv.FormatInt(place.Seq, 36))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(b.String()))
}

// ParseHistoryCursor reads what [HistoryCursor] wrote.
func ParseHistoryCursor(s string) ([]HistoryPlace, error) {
	if s == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(string(raw), ":")
	if parts[0] != cursorPrefix || len(parts)%2 == 0 || len(parts) == 1 {
		return nil, errors.New("another kind of cursor")
	}
	var places []HistoryPlace
	for i := 1; i < len(parts); i += 2 {
		member, wrong := strconv.ParseInt(parts[i], 36, 64)
		seq, err := strconv.ParseInt(parts[i+1], 36, 64)
		if err = errors.Join(wrong, err); err != nil || member <= 0 || seq < -1 {
			return nil, errors.Join(errors.New("no place in the journal"), err)
		}
		places = append(places, HistoryPlace{Member: ledger.MemberID(member), Seq: seq})
	}
	return places, nil
}
