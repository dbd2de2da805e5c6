package selection

// Draw is the lottery's part of an answer.
type Draw struct{}
