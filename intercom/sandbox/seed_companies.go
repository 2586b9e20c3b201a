package sandbox

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// The companies of the seed. The first is Acme Inc; the last, where there are
// more than two, has no contacts and is therefore in no list.
func seedCompanies(w *workspace, opts Options, today int64) {
	rng := rand.New(rand.NewPCG(opts.Seed, streamCompanies))
	plans := []string{"Free", "Starter", "Growth", "Enterprise"}
	for i := range opts.Companies {
		name := companyName(i)
		created := workspaceCreated + int64(i)*14*day + rng.Int64N(day)
		plan := plans[rng.IntN(len(plans))]
		c := &Company{
			ID: w.ids.hex(created, companySerial+uint32(i)), CompanyID: companyKey(name), Name: name,
			Plan: plan, PlanID: w.planID(plan), Website: "https://" + companyDomain(name),
			Industry: industries[rng.IntN(len(industries))], Size: 5 + rng.Int64N(2000), MonthlySpend: rng.Int64N(9000),
			SessionCount: rng.Int64N(5000), RemoteCreatedAt: created - rng.Int64N(400)*day, CreatedAt: created,
			UpdatedAt:     created,
			LastRequestAt: today - int64(i)*day/2 - rng.Int64N(day/2),
			CustomAttributes: map[string]any{
				"account_code": "AC-" + strconv.Itoa(1000+i), "licences": 5 + rng.Int64N(200),
				"arr": float64(rng.IntN(4_000_000)) / 10, "strategic": rng.IntN(5) == 0,
				"support_level": []string{"basic", "priority"}[rng.IntN(2)],
				"contract_end":  int64(1798761600) + rng.Int64N(365)*day,
			},
		}
		if i%7 == 3 { // little is known about some
			c.Website, c.Industry, c.Plan, c.PlanID, c.Size, c.CustomAttributes = "", "", "", "", 0, nil
		}
		if i%6 == 0 {
			c.TagIDs = []string{w.tags[len(w.tags)-2].ID}
		}
		w.companies.add(c)
	}
}

// companyName is the name of the i-th company.
func companyName(i int) string {
	name := companyNames[i%len(companyNames)]
	if round := i / len(companyNames); round > 0 {
		name += " " + strconv.Itoa(round+1)
	}
	return name
}

// companyKey is the company_id made of a name: "Acme Inc" is "acme".
func companyKey(name string) string {
	words := strings.Fields(strings.ToLower(name))
	if last := len(words) - 1; last > 0 && (words[last] == "inc" || words[last] == "ltd") {
		words = words[:last]
	}
	return strings.Join(words, "-")
}

// companyDomain is a domain that exists nowhere (RFC 2606).
func companyDomain(name string) string { return companyKey(name) + ".example" }
