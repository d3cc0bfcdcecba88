package sandbox

import (
	"net/http"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Network is an operator.
type Network struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Page int    `json:"page"` // septets that a page may have, "CON " or "END " included
}

// ownNetwork is what the provider's own sandbox reports, and who has every number that nobody else has.
const ownNetwork = "99999"

// widest is a page in UCS-2, in its units, on any network.
const widest = 80

// networks are the operators that were seen. What fits is as seen on Safaricom and Airtel Kenya; 182 septets
// is the limit of the network itself. Any other code of five or six digits can be chosen all the same.
func networks() []Network {
	return []Network{
		{"63902", "Safaricom", 160},
		{"63903", "Airtel", 184},
		{"63907", "Telkom", 182},
		{"63999", "Equitel", 182},
		{"64004", "Vodacom Tanzania", 182},
		{"64110", "MTN Uganda", 182},
		{"62001", "MTN Ghana", 182},
		{ownNetwork, "Sandbox", 182},
	}
}

// oddNetwork is one that nobody has seen: hostility's.
const oddNetwork = "63977"

var networkCode = regexp.MustCompile(`^[0-9]{5,6}$`)

func networkOf(code string) Network {
	for _, n := range networks() {
		if n.Code == code {
			return n
		}
	}
	return Network{code, "unknown", 182}
}

// prefixes tell a number's operator, as the Communications Authority of Kenya gave them out; abroad, the
// country's largest. Numbers can be taken along to another operator, so this is only what one begins with.
var prefixes = regexp.MustCompile(`^\+(?:` +
	`(254(?:70|71|72|74[0-368]|75[7-9]|76[89]|79|11[0-5]))|` +
	`(254(?:73|75[0-6]|762|78|10[0-6]))|` +
	`(25477)|(25476[3-6])|(255)|(256)|(233))`)

func networkByPrefix(number string) string {
	groups := prefixes.FindStringSubmatch(number)
	for i, n := range networks() {
		if i+1 < len(groups) && groups[i+1] != "" {
			return n.Code
		}
	}
	return ownNetwork
}

// measure is how much of a network's page an answer takes, prefix included, and of how much. A single
// character outside GSM-7 makes all of them UCS-2.
func (n Network) measure(answer string) (units, limit int, ucs2 bool) {
	if septets, ok := text.Septets(answer); ok {
		return septets, n.Page, false
	}
	return len(utf16.Encode([]rune(answer))), widest, true
}

// fit cuts an answer to what the network shows.
func (n Network) fit(answer string) string {
	_, limit, ucs2 := n.measure(answer)
	used := 0
	for i, r := range answer {
		if ucs2 {
			used += len(utf16.Encode([]rune{r}))
		} else {
			septets, _ := text.Septets(string(r))
			used += septets
		}
		if used > limit {
			return answer[:i]
		}
	}
	return answer
}

// e164 is what counts as a number: the provider serves more countries than one.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

// readNumber reads a Kenyan number in any spelling, or any other in E.164. A "+" that nobody escaped has
// become a blank on its way, and is understood all the same. The field's name is for the error.
func readNumber(field, typed string) (string, error) {
	kenyan, err := core.ParseMSISDN(strings.TrimSpace(typed))
	if err == nil {
		return string(kenyan), nil
	}
	if core.CodeOf(err) == core.PhoneForeign {
		if foreign := "+" + strings.TrimLeft(typed, " +"); e164.MatchString(foreign) {
			return foreign, nil
		}
	}
	return "", problemf(http.StatusBadRequest, string(core.CodeOf(err)), "%s: %s; write it as 0711000001 or %%2B254711000001", field, err)
}
