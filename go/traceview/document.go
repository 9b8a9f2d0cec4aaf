package traceview

import (
	"bufio"
	"bytes"
	_ "embed" // the pages' parts
	"encoding/json"
	"html/template"
	"io"
)

var (
	//go:embed head.html
	headHTML string
	//go:embed trace.html
	traceHTML string
	//go:embed replay.html
	replayHTML string
	// page.css is the style of all of the repository's pages, and own.css that of
	// these alone.
	//go:embed page.css
	pageCSS string
	//go:embed own.css
	ownCSS string
	//go:embed common.js
	commonJS string
	//go:embed trace.js
	traceJS string
	//go:embed replay.js
	replayJS string
)

// document is a page that needs no network.
type document struct {
	// body is the template, which gets values, and script what fills it.
	body, script string
	values       map[string]any
	// data is what the script reads, except the rows, whose name is rows.
	data map[string]any
	rows string
}

// fact is a line of a page's head.
type fact struct{ Name, Value string }

// write writes the page with its rows, values of JSON with commas between them.
func (d document) write(out io.Writer, rows *bytes.Buffer) error {
	text := bufio.NewWriterSize(out, 1<<20)
	d.values["Style"] = template.CSS(pageCSS + ownCSS) //nolint:gosec // our own
	page := template.Must(template.Must(template.New("page").Parse(headHTML)).Parse(d.body))
	if err := page.Execute(text, d.values); err != nil {
		return err
	}
	text.WriteString(`<script type="application/json" id="data">{"` + d.rows + `":[`)
	text.Write(rows.Bytes())
	text.WriteString("],")
	rest, err := json.Marshal(d.data)
	if err != nil {
		return err
	}
	text.Write(rest[1:])
	text.WriteString("</script>\n<script>\n" + commonJS + d.script + "</script>\n</body></html>\n")
	return text.Flush()
}

// addRow adds a row. Its JSON has < > & escaped, so no text in it ends the
// script.
func addRow(rows *bytes.Buffer, row []any) {
	text, _ := json.Marshal(row) // has only numbers and texts
	if rows.Len() > 0 {
		rows.WriteByte(',')
	}
	rows.Write(text)
}
