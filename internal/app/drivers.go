package app

import (
	"os"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/bluesky"
	"github.com/amends-care/amends/internal/network/demo"
	"github.com/amends-care/amends/internal/network/file"
)

// Drivers are the networks there are. A new one is a package and a line here.
func Drivers() []network.Driver {
	return []network.Driver{
		bluesky.Driver(),
		demo.Driver(),
		file.Driver(os.Stdin),
	}
}
