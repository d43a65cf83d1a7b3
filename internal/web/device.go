package web

import "strings"

// device is a browser's own words for itself as people would say it, such as
// Firefox on Windows. Many browsers claim to be others, so the order counts.
func (t teller) device(agent string) string {
	has := func(s string) bool { return strings.Contains(agent, s) }
	first := func(named ...[2]string) string {
		for _, n := range named {
			if has(n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := first([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"SamsungBrowser/", "Samsung Internet"}, [2]string{"Vivaldi/", "Vivaldi"},
		[2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS/", "Firefox"}, [2]string{"CriOS/", "Chrome"}, [2]string{"Chromium/", "Chromium"},
		[2]string{"HeadlessChrome/", t.Say("device.headless")}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"iPhone", t.Say("device.iphone")}, [2]string{"iPad", t.Say("device.ipad")}, [2]string{"Android", "Android"}, [2]string{"CrOS", "ChromeOS"},
		[2]string{"Windows", "Windows"}, [2]string{"Macintosh", t.Say("device.mac")}, [2]string{"Linux", "Linux"})
	switch {
	case browser != "" && system != "":
		return t.Say("device.on", "browser", browser, "system", system)
	case browser != "":
		return browser
	case strings.TrimSpace(agent) == "":
		return t.Say("device.none")
	}
	name, _, _ := strings.Cut(agent, "/")
	return cleanLine(name)
}
