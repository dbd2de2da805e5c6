package search

import (
	"math"
	"slices"
)

// Judged is a question with the documents that answer it.
type Judged struct {
	ID       string
	Question string
	Relevant []string
}

// Quality is how well answers stand, means over questions.
type Quality struct {
	Queries  int     `json:"queries"`
	NDCG10   float64 `json:"ndcg_at_10"`
	Recall10 float64 `json:"recall_at_10"`
	MRR      float64 `json:"mrr"`
}

// Judge takes one question's answers, the best first, in. Gains are 1 for what is
// relevant and 0 for the rest; the reciprocal rank is over all answers given.
func (q *Quality) Judge(relevant, answers []string) {
	q.Queries++
	dcg, ideal, found, first := 0.0, 0.0, 0, 0
	for i, id := range answers {
		if !slices.Contains(relevant, id) {
			continue
		}
		if first == 0 {
			first = i + 1
		}
		if i < 10 {
			found++
			dcg += 1 / math.Log2(float64(i+2))
		}
	}
	for i := range min(10, len(relevant)) {
		ideal += 1 / math.Log2(float64(i+2))
	}
	if len(relevant) > 0 {
		q.NDCG10 += dcg / ideal
		q.Recall10 += float64(found) / float64(len(relevant))
	}
	if first > 0 {
		q.MRR += 1 / float64(first)
	}
}

// Means is the quality over all questions that were judged.
func (q Quality) Means() Quality {
	n := float64(max(q.Queries, 1))
	return Quality{q.Queries, q.NDCG10 / n, q.Recall10 / n, q.MRR / n}
}
