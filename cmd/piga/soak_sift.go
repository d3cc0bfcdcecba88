package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"

	"github.com/redis/go-redis/v9"
)

// sift looks for PINs in everything that is left behind; the log was sifted as it was written.
func (o *soaking) sift(ctx context.Context) error {
	for _, m := range o.people.Memory.Inbox {
		o.sieve.Sift("an SMS", m.Text)
	}
	return errors.Join(o.sieve.SiftTables(ctx, o.db), o.siftRedis(ctx), o.siftMetrics(ctx))
}

func (o *soaking) siftRedis(ctx context.Context) error {
	for _, url := range o.caches() {
		options, err := redis.ParseURL(url)
		if err != nil {
			return err
		}
		client := redis.NewClient(options)
		defer client.Close() //nolint:errcheck // only read
		keys := client.Scan(ctx, 0, "", 1000).Iterator()
		for keys.Next(ctx) {
			value, err := client.Get(ctx, keys.Val()).Result()
			if err != nil && !errors.Is(err, redis.Nil) { // it may have expired
				return err
			}
			o.sieve.Sift("Redis", keys.Val()+" "+value)
		}
		if err := keys.Err(); err != nil {
			return err
		}
	}
	return nil
}

// caches are the servers behind the URL of Redis, each with its own.
func (o *soaking) caches() []string {
	if o.behind == nil {
		return []string{o.redis}
	}
	return o.behind()
}

func (o *soaking) siftMetrics(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.base+"/metrics", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(res.Body)
	o.sieve.Sift("the metrics", values.ReplaceAllString(string(body), ""))
	return err
}

// values of metrics have any six digits by chance.
var values = regexp.MustCompile(`(?m) [0-9.e+-]+$`)
