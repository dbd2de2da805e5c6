package index

import (
	"math/rand/v2"
	"strings"
)

// texts are the carried documents and questions, and their sentences.
type texts struct {
	sentences []string
	judged    []Document
	questions []question
}

type question struct {
	Query    string
	Relevant []string
}

func readTexts() (t texts, err error) {
	type document struct{ ID, Title, Text string }
	for _, name := range []string{"swefaq_dev_documents.jsonl", "sfs_subset.jsonl"} {
		list, err := readCarried[document](name)
		if err != nil {
			return t, err
		}
		for _, d := range list {
			t.judged = append(t.judged, Document{ID: d.ID, Title: d.Title, Body: d.Text})
			for s := range strings.SplitSeq(strings.ReplaceAll(d.Text, "\n", ". "), ". ") {
				if len(strings.Fields(s)) > 3 {
					t.sentences = append(t.sentences, strings.TrimSpace(s))
				}
			}
		}
	}
	t.questions, err = readCarried[question]("swefaq_dev_queries.jsonl")
	return t, err
}

// made is a made-up document: a title of a sentence's words, and sentences.
func (t texts) made(r *rand.Rand, id string) Document {
	pick := func() string { return t.sentences[r.IntN(len(t.sentences))] }
	title := strings.Fields(pick())
	d := Document{ID: id, Title: strings.Join(title[:min(len(title), 7)], " "), Summary: pick(), Language: "sv", Evidence: 1 + r.IntN(5)}
	d.Kind = []string{"modell", "metod", "verktyg", "vägledning", "process", "gott exempel"}[r.IntN(6)]
	var body []string
	for range 6 + r.IntN(8) {
		body = append(body, pick())
	}
	d.Body = strings.Join(body, ". ")
	return d
}

// question asks for a document by two to four words of it; one in ten is misspelt
// and one in ten a phrase.
func (t texts) question(r *rand.Rand, docs []Document) string {
	words := strings.Fields(docs[r.IntN(len(docs))].Title)
	n := min(2+r.IntN(3), len(words))
	from := r.IntN(len(words) - n + 1)
	words = words[from : from+n]
	switch r.IntN(10) {
	case 0:
		w := []rune(words[0])
		if len(w) > 4 {
			w[2], w[3] = w[3], w[2]
		}
		return string(w) + " " + strings.Join(words[1:], " ")
	case 1:
		return `"` + strings.ReplaceAll(strings.Join(words, " "), `"`, "") + `"`
	}
	return strings.Join(words, " ")
}
