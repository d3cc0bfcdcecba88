package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"
)

// What U1 compares the gateway with: an Echo handler that reads the form, makes two round trips to Redis by two
// scripts, and answers a page. It knows no menus, no callers and no log.

const (
	bareName  = "bare" // the argument that makes this program that handler
	bareCall  = 1024   // bytes that it keeps for a call: about what the gateway does
	bareRedis = 50     // connections, as many as the gateway has
	bareLives = 16 * time.Minute
	barePage  = "CON My account\n1 Change PIN\n2 Language\n3 My details\n4 Last transaction\n5 My open requests\n0 Back"
)

// bareJob is what it is told on its standard input. It ends when the input does.
type bareJob struct{ Redis string }

func bare(ctx context.Context, in io.Reader, out io.Writer) error {
	words := json.NewDecoder(in)
	var j bareJob
	if err := words.Decode(&j); err != nil {
		return fmt.Errorf("what the bare handler shall do: %w", err)
	}
	o, err := redis.ParseURL(j.Redis)
	if err != nil {
		return err
	}
	o.PoolSize = bareRedis
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.POST("/ussd", bareTurn(client))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		_ = words.Decode(&j) // nothing more comes
		_ = server.Close()
	}()
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintln(out, "http://"+l.Addr().String())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// bareTurn reads what is stored of the session, and stores it again.
func bareTurn(client *redis.Client) echo.HandlerFunc {
	get := redis.NewScript(`return redis.call('GET', KEYS[1])`)
	set := redis.NewScript(`redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1`)
	stored := strings.Repeat("x", bareCall)
	return func(c echo.Context) error {
		ctx, keys := c.Request().Context(), []string{"bench:bare:" + c.FormValue("sessionId")}
		if err := get.Run(ctx, client, keys).Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if err := set.Run(ctx, client, keys, stored, bareLives.Milliseconds()).Err(); err != nil {
			return err
		}
		return c.String(http.StatusOK, barePage)
	}
}
