package main

import (
	"context"
	"os"
	"runtime"
	"strings"
	"time"
)

// machine is what the figures were taken on. It says nothing of whose it is.
type machine struct {
	Date       string `json:"date"`
	Cores      int    `json:"cores"`
	CPU        string `json:"cpu"`
	OS         string `json:"os"`
	Go         string `json:"go"`
	PostgreSQL string `json:"postgresql"`
	Settings   string `json:"settings"`
}

func (l *lab) machine(ctx context.Context) (machine, error) {
	m := machine{
		Date: time.Now().UTC().Format(time.DateOnly), Cores: runtime.NumCPU(), CPU: cpuModel(),
		OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
	err := l.admin.QueryRowContext(ctx, `
		SELECT
			split_part(current_setting('server_version'), ' ', 1),
			(
				SELECT string_agg(name || '=' || current_setting(name), ' ' ORDER BY name)
				FROM pg_settings
				WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'shared_buffers', 'max_wal_size')
			)`).Scan(&m.PostgreSQL, &m.Settings)
	return m, err
}

// cpuModel is the name of the first processor, where the system tells it in the manner of Linux.
func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
