package session_test

import (
	"os"
	"testing"

	"github.com/piga-money/piga/store/local"
)

func TestMain(m *testing.M) { os.Exit(local.Main(m)) }
