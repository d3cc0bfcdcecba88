package main

import (
	"fmt"
	"time"
)

// skew is how wrong the clock of this copy is, such as -1h. Only make torture sets it, and only as it links:
// go build -ldflags "-X main.skew=1h". Nothing that is configured can.
var skew string

func clockSkew() (time.Duration, error) {
	if skew == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(skew)
	if err != nil {
		return 0, fmt.Errorf("this program was linked with a wrong clock that is none: %w", err)
	}
	return d, nil
}
