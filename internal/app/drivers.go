package app

import (
	"os"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/appstore"
	"github.com/amends-care/amends/internal/network/bluesky"
	"github.com/amends-care/amends/internal/network/demo"
	"github.com/amends-care/amends/internal/network/feed"
	"github.com/amends-care/amends/internal/network/file"
	"github.com/amends-care/amends/internal/network/hackernews"
	"github.com/amends-care/amends/internal/network/mastodon"
	"github.com/amends-care/amends/internal/network/x"
)

// Drivers are the networks there are. A new one is a package and a line here.
func Drivers() []network.Driver {
	return []network.Driver{
		appstore.Driver(),
		bluesky.Driver(),
		demo.Driver(),
		feed.Driver(),
		file.Driver(os.Stdin),
		hackernews.Driver(),
		mastodon.Driver(),
		x.Driver(),
	}
}
