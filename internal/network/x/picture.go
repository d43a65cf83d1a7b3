package x

import (
	"context"
	"net/http"
	"strconv"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

const (
	maxPictures    = 4
	maxPicture     = 5 << 20 // bytes
	maxDescription = 1000    // characters
)

// picturesFit finds what X would not take.
func picturesFit(all []care.Picture) error {
	for _, p := range all {
		words := ""
		switch {
		case p.Type != "image/png" && p.Type != "image/jpeg":
			words = "X takes pictures as PNG or JPEG"
		case len(p.Bytes) == 0 || len(p.Bytes) > maxPicture:
			words = "X takes pictures of up to 5 MB"
		case len([]rune(p.Alt)) > maxDescription:
			words = "X takes descriptions of up to 1,000 characters"
		default:
			continue
		}
		return network.Malformed.Unsent(words)
	}
	return nil
}

// upload puts pictures where a post can refer to them. Nobody sees them before.
func (a *Account) upload(ctx context.Context, all []care.Picture) (ids []int64, err error) {
	for _, p := range all {
		var done struct{ Data struct{ ID string } }
		_, err := call(ctx, a.signed, http.MethodPost, a.host+"/2/media/upload", nil,
			map[string]any{"media": p.Bytes, "media_category": "tweet_image"}, &done)
		if err != nil {
			return nil, err
		}
		id, err := strconv.ParseInt(done.Data.ID, 10, 64)
		if err != nil {
			return nil, network.Malformed.Because("the answer names no picture")
		}
		ids = append(ids, id)
		if p.Alt == "" {
			continue
		}
		_, err = call(ctx, a.signed, http.MethodPost, a.host+"/2/media/metadata", nil,
			map[string]any{"id": done.Data.ID, "metadata": map[string]any{"alt_text": map[string]any{"text": p.Alt}}}, new(struct{}))
		if err != nil {
			return nil, err
		}
		charged(ctx, a.set.Prices.Media)
	}
	return ids, nil
}
