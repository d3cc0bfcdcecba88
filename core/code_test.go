package core_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"strconv"
	"testing"

	"github.com/piga-money/piga/core"
)

// Codes lists every constant of type Code, once.
func TestCodesIsComplete(t *testing.T) {
	t.Parallel()
	listed := map[core.Code]int{}
	for _, code := range core.Codes {
		listed[code]++
	}
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || fmt.Sprint(v.Type) != "Code" {
			return true
		}
		declared++
		value, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value) //nolint:errcheck // a Code is declared by a literal
		if err != nil || listed[core.Code(value)] != 1 {
			t.Errorf("%s is listed %d times", value, listed[core.Code(value)])
		}
		return true
	})
	if declared != len(core.Codes) || declared == 0 {
		t.Errorf("%d codes are declared, %d listed", declared, len(core.Codes))
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("the line is dead")
	err := core.Errorf(core.Unavailable, "post: %w", cause)
	if err.Error() != "unavailable: post: the line is dead" || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
	if got := core.Errorf(core.Busy, "").Error(); got != "busy" {
		t.Errorf("without detail: %q", got)
	}
	for _, tt := range []struct {
		err  error
		want core.Code
	}{
		{nil, ""},
		{cause, core.Internal},
		{context.DeadlineExceeded, core.Internal},
		{err, core.Unavailable},
		{fmt.Errorf("menus: %w", err), core.Unavailable},
		{errors.Join(cause, err), core.Unavailable},
		{core.Errorf(core.OutcomeUnknown, "%w", err), core.OutcomeUnknown}, // the outermost counts
	} {
		if got := core.CodeOf(tt.err); got != tt.want {
			t.Errorf("CodeOf(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestErrorArgs(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	plain := core.Errorf(core.WrongPIN, "x: %w", cause)
	one := plain.With("left", "2")
	two := one.With("name", "JANE").With("left", "1")
	if got := core.ArgsOf(fmt.Errorf("wrapped: %w", two)); !maps.Equal(got, map[string]string{"left": "1", "name": "JANE"}) {
		t.Errorf("args: %v", got)
	}
	if core.ArgsOf(plain) != nil || core.ArgsOf(cause) != nil || core.ArgsOf(nil) != nil || one.Args["left"] != "2" {
		t.Error("With changed what it was called on")
	}
	if !errors.Is(two, cause) || core.CodeOf(two) != core.WrongPIN || two.Error() != plain.Error() {
		t.Errorf("With lost something: %v", two)
	}
}
