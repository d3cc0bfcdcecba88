package text

// PageSeptets is what a page may take, the prefix "CON " or "END " included: the least that a Kenyan
// network was seen to allow.
const PageSeptets = 160

// SegmentSeptets is what one SMS holds. A longer text goes out, and is paid for, in parts of 153.
const (
	SegmentSeptets     = 160
	TwoSegmentsSeptets = 2 * 153
)

// Fits is true of a page, prefix included, that every network shows whole.
func Fits(page string) bool { return fits(page, PageSeptets) }

func fits(s string, most int) bool {
	n, ok := Septets(s)
	return ok && n <= most
}
