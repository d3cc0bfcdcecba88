package ledger_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/piga-money/piga/core/ledger"
)

// A code that the ledger's source mentions is one that it can give, so there must be a table in which it
// gives it; nobody has to remember to put it into a list.
func TestEveryCodeHasACase(t *testing.T) {
	t.Parallel()
	refused, _ := tabled(t)
	mentioned := mentionedCodes(t)
	if len(mentioned) < 20 {
		t.Fatalf("found only %d codes in the source: has it been looked for in the right place?", len(mentioned))
	}
	for name, code := range mentioned {
		if !refused[code] {
			t.Errorf("core.%s: no case in %s ends with \"refused: %s\"", name, tables, code)
		}
	}
}

func TestEveryActionHasACase(t *testing.T) {
	t.Parallel()
	_, done := tabled(t)
	for _, action := range ledger.Actions {
		if !done[string(action)] {
			t.Errorf("no case in %s in which %q succeeds", tables, action)
		}
	}
}

// tabled reads the tables: the codes that some case is refused with, and the commands that some case does.
// To refuse is what a refuse does.
func tabled(t *testing.T) (refused, done map[string]bool) {
	refused, done = map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob(filepath.Join(tables, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables in %s: %v", tables, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(string(text), "\n\n") {
			command, said, _ := strings.Cut(uncommented(block), "\n----\n")
			command, _, _ = strings.Cut(command, " ")
			code, isRefused := strings.CutPrefix(strings.TrimSpace(said), "refused: ")
			if isRefused {
				refused[code] = true
			}
			if strings.HasPrefix(said, "done") || (isRefused && command == string(ledger.Refuse)) {
				done[command] = true
			}
		}
	}
	return refused, done
}

func uncommented(block string) string {
	var lines []string
	for line := range strings.SplitSeq(block, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// mentionedCodes finds each core.Name in this package's source that is a code: Name → its value.
func mentionedCodes(t *testing.T) map[string]string {
	codes, found := declaredCodes(t), map[string]string{}
	note := func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if from, ok := s.X.(*ast.Ident); ok && from.Name == "core" && codes[s.Sel.Name] != "" {
				found[s.Sel.Name] = codes[s.Sel.Name]
			}
		}
		return true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			ast.Inspect(parse(t, name), note)
		}
	}
	return found
}

// declaredCodes reads the constants of type Code: "BadPosting" → "bad_posting".
func declaredCodes(t *testing.T) map[string]string {
	codes := map[string]string{}
	ast.Inspect(parse(t, "../code.go"), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, _ := spec.Type.(*ast.Ident)
		value, _ := spec.Values[0].(*ast.BasicLit)
		if kind != nil && kind.Name == "Code" && value != nil {
			codes[spec.Names[0].Name], _ = strconv.Unquote(value.Value)
		}
		return true
	})
	return codes
}

func parse(t *testing.T, name string) *ast.File {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
