package selection

// Certificate is what a reader needs, beside the input, to check the answer
// without trusting the program that found it.
type Certificate struct {
	// Score proves the bound on the score sum, or that no selection exists.
	Score *Proof `json:"score"`
	// Spread proves the bound on the spread, when a spread is asked for.
	Spread *Proof `json:"spread,omitempty"`
}

// Proof is a tree of branchings whose leaves are closed by multipliers.
//
// The columns are groups of applications that have the same score (in a
// lottery: weight), the same coefficients in every row and the same forcing, so
// that only how many of them are chosen matters; after them, for the spread
// "cover", one column (0 or 1) per value of the attribute in sorted order. The
// rows are: the number of places; the quotas in the order of the rules; one
// row (at most 1) per municipality that several applications share, by code;
// then, for the spread, the score row, and one row per value (chosen with the
// value minus the column, at least 0) or one row (at most 1) per clique.
type Proof struct {
	// Bound is the proved upper bound, as a decimal number.
	Bound string `json:"bound"`
	// Scale is how many units of the tree make 1: a score of 1 is Scale units.
	Scale string `json:"scale"`
	// Groups are the ids behind each column.
	Groups [][]string `json:"groups"`
	// Cliques are applications that are pairwise closer than Apart metres.
	Cliques [][]string `json:"cliques,omitempty"`
	Apart   int64      `json:"apart,omitempty"`
	Tree    []Node     `json:"tree"`
}
