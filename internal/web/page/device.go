package page

import "strings"

// The marks by which browsers and systems name themselves. Those that take the names of
// others along come before these.
var (
	browsers = []struct{ mark, name string }{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"YaBrowser", "Yandex"},
		{"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"},
	}
	systems = []struct{ mark, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"},
	}
)

// Device makes of how a browser names itself what people know it by; empty where nobody
// knows it.
func Device(agent string) string {
	var known []string
	for _, marks := range [][]struct{ mark, name string }{browsers, systems} {
		for _, x := range marks {
			if strings.Contains(agent, x.mark) {
				known = append(known, x.name)
				break
			}
		}
	}
	return strings.Join(known, ", ")
}
