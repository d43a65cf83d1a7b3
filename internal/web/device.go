package web

import "strings"

// device is a browser's own words for itself as people would say it, such as
// Firefox on Windows. Many browsers claim to be others, so the order counts.
func device(agent string) string {
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
		[2]string{"HeadlessChrome/", "Chrome without a window"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"iPhone", "an iPhone"}, [2]string{"iPad", "an iPad"}, [2]string{"Android", "Android"}, [2]string{"CrOS", "ChromeOS"},
		[2]string{"Windows", "Windows"}, [2]string{"Macintosh", "a Mac"}, [2]string{"Linux", "Linux"})
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	case strings.TrimSpace(agent) == "":
		return "a device that does not say"
	}
	name, _, _ := strings.Cut(agent, "/")
	return cleanLine(name)
}
