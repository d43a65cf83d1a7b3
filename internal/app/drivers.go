package app

import (
	"os"

	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/appstore"
	"github.com/amends-care/amends/internal/network/bluesky"
	"github.com/amends-care/amends/internal/network/demo"
	"github.com/amends-care/amends/internal/network/email"
	"github.com/amends-care/amends/internal/network/facebook"
	"github.com/amends-care/amends/internal/network/feed"
	"github.com/amends-care/amends/internal/network/file"
	"github.com/amends-care/amends/internal/network/hackernews"
	"github.com/amends-care/amends/internal/network/instagram"
	"github.com/amends-care/amends/internal/network/mastodon"
	googleplay "github.com/amends-care/amends/internal/network/play"
	"github.com/amends-care/amends/internal/network/reddit"
	"github.com/amends-care/amends/internal/network/telegram"
	"github.com/amends-care/amends/internal/network/threads"
	"github.com/amends-care/amends/internal/network/webhook"
	"github.com/amends-care/amends/internal/network/x"
	"github.com/amends-care/amends/internal/network/youtube"
	"github.com/amends-care/amends/internal/notify"
	"github.com/amends-care/amends/internal/notify/chat"
	mailnotice "github.com/amends-care/amends/internal/notify/email"
	"github.com/amends-care/amends/internal/notify/pager"
	hooknotice "github.com/amends-care/amends/internal/notify/webhook"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/translate/azure"
	"github.com/amends-care/amends/internal/translate/deepl"
	"github.com/amends-care/amends/internal/translate/google"
	"github.com/amends-care/amends/internal/translate/libretranslate"
)

// Drivers are the networks there are. A new one is a package and a line here.
func Drivers() []network.Driver {
	return []network.Driver{
		appstore.Driver(),
		bluesky.Driver(),
		demo.Driver(),
		email.Driver(),
		facebook.Driver(),
		feed.Driver(),
		file.Driver(os.Stdin),
		googleplay.Driver(),
		hackernews.Driver(),
		instagram.Driver(),
		mastodon.Driver(),
		reddit.Driver(),
		telegram.Driver(),
		threads.Driver(),
		webhook.Driver(),
		x.Driver(),
		youtube.Driver(),
	}
}

// Channels are the ways in which the team is told. A new one is a package and a
// line here.
func Channels() []notify.Driver {
	return []notify.Driver{
		chat.Driver(),
		hooknotice.Driver(),
		mailnotice.Driver(),
		pager.Driver(),
	}
}

// Translators are the services that translate. A new one is a package and a line
// here.
func Translators() []translate.Driver {
	return []translate.Driver{
		azure.Driver(),
		deepl.Driver(),
		google.Driver(),
		libretranslate.Driver(),
	}
}

// Kinds are all of them, and the figures that can be watched, for the configuration.
func Kinds() config.Kinds {
	return config.Kinds{Networks: Drivers(), Channels: Channels(), Translators: Translators(), Figures: report.Figures()}
}
