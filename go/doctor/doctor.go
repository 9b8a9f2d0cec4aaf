// Package doctor checks what a node needs of its machine, its installation and
// its home directory. It changes nothing, works beside a running node and
// without a home. Each check is a probe, which looks, and a judgement of what
// it saw, which is a pure function.
package doctor

import "slices"

// Verdict is the result of a check.
type Verdict string

const (
	OK   Verdict = "ok"
	Warn Verdict = "warn" // agd works, with less than it could have
	Fail Verdict = "fail" // agd start would fail, or soon will
)

// Groups of checks, in the order of a report.
const (
	Machine      = "machine"
	Installation = "installation"
	Home         = "home"
	Ports        = "ports"
)

// Finding is what a check has found.
type Finding struct {
	Group   string  `json:"group"`
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// Found is what there is, on one line.
	Found string `json:"found"`
	// Do is what to do about it; "" if nothing.
	Do string `json:"do,omitempty"`
}

// Report is what all checks have found.
type Report struct {
	// Version is that of this form: it is raised when a member changes its
	// meaning.
	Version int       `json:"version"`
	Agd     string    `json:"agd"`
	Home    string    `json:"home"`
	Verdict Verdict   `json:"verdict"`
	Checks  []Finding `json:"checks"`
}

// NewReport makes a report, whose verdict is the worst of the findings'.
func NewReport(agd, home string, findings []Finding) Report {
	return Report{Version: 1, Agd: agd, Home: home, Verdict: worst(findings), Checks: findings}
}

// Count is how many checks have a verdict.
func (r Report) Count(verdict Verdict) int {
	n := 0
	for _, finding := range r.Checks {
		if finding.Verdict == verdict {
			n++
		}
	}
	return n
}

var severity = []Verdict{OK, Warn, Fail}

func worst(findings []Finding) Verdict {
	most := OK
	for _, finding := range findings {
		most = worse(most, finding.Verdict)
	}
	return most
}

func worse(a, b Verdict) Verdict {
	return severity[max(slices.Index(severity, a), slices.Index(severity, b))]
}

// finding makes a finding without anything to do.
func finding(group, name, found string) Finding {
	return Finding{Group: group, Name: name, Verdict: OK, Found: found}
}

// but is the finding with a worse verdict, and what to do about it.
func (f Finding) but(verdict Verdict, do string) Finding {
	f.Verdict, f.Do = verdict, do
	return f
}

// at is the finding with another verdict.
func (f Finding) at(verdict Verdict) Finding {
	f.Verdict = verdict
	return f
}
