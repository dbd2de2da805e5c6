// Package paper makes documents that leave the platform: one simple model of
// a document becomes a page of HTML to print, a Word file (DOCX) and, where
// Chromium is installed, a tagged PDF.
package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"strings"
)

// Fact is a term and its value in the head of a document.
type Fact struct{ Term, Value string }

// Table is a table with a heading row.
type Table struct {
	Caption string
	Heads   []string
	Rows    [][]string
}

// Figure is a picture with words that say the same. A Word file has the words
// alone: its readers of SVG differ.
type Figure struct {
	SVG     []byte
	Caption string
}

// Part is a heading with what stands under it. Level 1 is the first under the
// title.
type Part struct {
	Level  int
	Head   string
	Text   []string // paragraphs
	List   []string
	Figure *Figure
	Table  *Table
	// NewPage begins the part on a page of its own when it is printed.
	NewPage bool
}

// Document is what is printed. Lang is "sv" or "en"; Note is small print.
type Document struct {
	Lang, Title, Subtitle string
	Facts                 []Fact
	Parts                 []Part
	Note                  string
}

// style is the look of the HTML; the file is printed or saved, never served
// with the platform's pages.
const style = `@page{size:A4;margin:22mm 20mm}
body{font:11pt/1.45 "Liberation Sans",Arial,sans-serif;color:#111;max-width:44rem;margin:2rem auto}
h1{font-size:20pt;line-height:1.2;margin:0 0 .3rem}h2{font-size:14pt;margin:1.4rem 0 .4rem}h3{font-size:12pt;margin:1rem 0 .3rem}h4{font-size:11pt;margin:.8rem 0 .3rem}
.sub{color:#444;margin:0 0 1rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:bold}dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.6rem 0;font-size:10pt}caption{text-align:left;font-weight:bold;margin-bottom:.2rem}
th,td{border:1px solid #777;padding:.25rem .4rem;text-align:left;vertical-align:top}th{background:#eee}tr,h2,h3,h4{break-inside:avoid}h2,h3,h4,caption{break-after:avoid}
figure{margin:.6rem 0;break-inside:avoid}figure svg{width:100%;height:auto}figcaption{font-size:9pt;color:#444}.new{break-before:page}
.note{font-size:9pt;color:#444;margin-top:2rem}@media print{body{margin:0;max-width:none}}`

// HTML gives the document as one page that stands alone. The same document
// gives the same bytes.
func (d Document) HTML() []byte {
	var b strings.Builder
	e := html.EscapeString
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s</title><style>%s</style></head><body><main>\n<h1>%s</h1>\n", e(d.lang()), e(d.Title), style, e(d.Title))
	if d.Subtitle != "" {
		fmt.Fprintf(&b, "<p class=\"sub\">%s</p>\n", e(d.Subtitle))
	}
	if len(d.Facts) > 0 {
		b.WriteString("<dl>")
		for _, f := range d.Facts {
			fmt.Fprintf(&b, "<dt>%s</dt><dd>%s</dd>", e(f.Term), e(f.Value))
		}
		b.WriteString("</dl>\n")
	}
	for _, p := range d.Parts {
		if p.Head != "" {
			class := ""
			if p.NewPage {
				class = ` class="new"`
			}
			fmt.Fprintf(&b, "<h%d%s>%s</h%d>\n", p.level()+1, class, e(p.Head), p.level()+1)
		}
		for _, t := range p.Text {
			fmt.Fprintf(&b, "<p>%s</p>\n", strings.ReplaceAll(e(t), "\n", "<br>"))
		}
		if len(p.List) > 0 {
			b.WriteString("<ul>")
			for _, t := range p.List {
				fmt.Fprintf(&b, "<li>%s</li>", e(t))
			}
			b.WriteString("</ul>\n")
		}
		if f := p.Figure; f != nil {
			fmt.Fprintf(&b, "<figure>%s<figcaption>%s</figcaption></figure>\n", f.SVG, e(f.Caption))
		}
		if t := p.Table; t != nil {
			b.WriteString("<table>")
			if t.Caption != "" {
				fmt.Fprintf(&b, "<caption>%s</caption>", e(t.Caption))
			}
			b.WriteString("<thead><tr>")
			for _, h := range t.Heads {
				fmt.Fprintf(&b, "<th scope=\"col\">%s</th>", e(h))
			}
			b.WriteString("</tr></thead><tbody>")
			for _, row := range t.Rows {
				b.WriteString("<tr>")
				for _, c := range row {
					fmt.Fprintf(&b, "<td>%s</td>", strings.ReplaceAll(e(c), "\n", "<br>"))
				}
				b.WriteString("</tr>")
			}
			b.WriteString("</tbody></table>\n")
		}
	}
	if d.Note != "" {
		fmt.Fprintf(&b, "<p class=\"note\">%s</p>\n", e(d.Note))
	}
	b.WriteString("</main></body></html>\n")
	return []byte(b.String())
}

func (d Document) lang() string {
	if d.Lang == "" {
		return "sv"
	}
	return d.Lang
}

func (p Part) level() int { return min(max(p.Level, 1), 3) }

const (
	contentTypes = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`
	rels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`
	documentRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	stylesHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="22"/><w:lang w:val="%s"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>`
)

// DOCX gives the document as a Word file, with real headings, lists and table
// heads. The same document gives the same bytes.
func (d Document) DOCX() ([]byte, error) {
	lang := map[string]string{"sv": "sv-SE", "en": "en-GB"}[d.lang()]
	var styles strings.Builder
	fmt.Fprintf(&styles, stylesHead, lang)
	for i, size := range []int{40, 28, 24, 22} {
		id, name := "Title", "Title"
		outline := ""
		if i > 0 {
			id, name = fmt.Sprintf("Heading%d", i), fmt.Sprintf("heading %d", i)
			outline = fmt.Sprintf(`<w:outlineLvl w:val="%d"/>`, i-1)
		}
		fmt.Fprintf(&styles, `<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/>%s</w:pPr><w:rPr><w:b/><w:sz w:val="%d"/></w:rPr></w:style>`, id, name, outline, size)
	}
	styles.WriteString(`</w:styles>`)
	core := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title><dc:language>%s</dc:language></cp:coreProperties>`, escape(d.Title), lang)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes}, {"_rels/.rels", rels}, {"word/document.xml", d.wordXML()},
		{"word/_rels/document.xml.rels", documentRels}, {"word/styles.xml", styles.String()}, {"docProps/core.xml", core},
	} {
		w, err := z.Create(f.name)
		if err != nil {
			return nil, fmt.Errorf("paper: %w", err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			return nil, fmt.Errorf("paper: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	return out.Bytes(), nil
}

func (d Document) wordXML() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	b.WriteString(paragraph("Title", d.Title))
	if d.Subtitle != "" {
		b.WriteString(paragraph("", d.Subtitle))
	}
	for _, f := range d.Facts {
		b.WriteString(paragraph("", f.Term+": "+f.Value))
	}
	for _, p := range d.Parts {
		if p.Head != "" {
			head := paragraph(fmt.Sprintf("Heading%d", p.level()), p.Head)
			if p.NewPage {
				head = strings.Replace(head, "</w:pPr>", "<w:pageBreakBefore/></w:pPr>", 1)
			}
			b.WriteString(head)
		}
		for _, t := range p.Text {
			b.WriteString(paragraph("", t))
		}
		for _, t := range p.List {
			b.WriteString(paragraph("", "• "+t))
		}
		if p.Figure != nil {
			b.WriteString(paragraph("", p.Figure.Caption))
		}
		if p.Table != nil {
			p.Table.word(&b)
		}
	}
	if d.Note != "" {
		b.WriteString(paragraph("", d.Note))
	}
	b.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1247" w:right="1134" w:bottom="1247" w:left="1134" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	return b.String()
}

func (t *Table) word(b *strings.Builder) {
	if t.Caption != "" {
		b.WriteString(paragraph("", t.Caption))
	}
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		fmt.Fprintf(b, `<w:%s w:val="single" w:sz="4" w:space="0" w:color="777777"/>`, side)
	}
	b.WriteString(`</w:tblBorders></w:tblPr><w:tblGrid>`)
	for range t.Heads {
		b.WriteString(`<w:gridCol/>`)
	}
	b.WriteString(`</w:tblGrid><w:tr><w:trPr><w:tblHeader/></w:trPr>`)
	for _, h := range t.Heads {
		b.WriteString(`<w:tc><w:tcPr/><w:p><w:r><w:rPr><w:b/></w:rPr>` + runs(h) + `</w:r></w:p></w:tc>`)
	}
	b.WriteString(`</w:tr>`)
	for _, row := range t.Rows {
		b.WriteString(`<w:tr>`)
		for _, c := range row {
			b.WriteString(`<w:tc><w:tcPr/>` + paragraph("", c) + `</w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>` + paragraph("", ""))
}

func paragraph(style, text string) string {
	p := ""
	if style != "" {
		p = `<w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`
	}
	return `<w:p>` + p + `<w:r>` + runs(text) + `</w:r></w:p>`
}

// runs writes a text, its line ends as breaks.
func runs(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = `<w:t xml:space="preserve">` + escape(l) + `</w:t>`
	}
	return strings.Join(lines, `<w:br/>`)
}

// escape writes a text as XML; what XML cannot hold becomes U+FFFD.
func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes all
	return b.String()
}
