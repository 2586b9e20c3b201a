package intercom

import (
	"context"
	"iter"
)

// ListTagged returns a page of the companies that have a tag, at most 60.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/retrievecompany
func (s *CompanyService) ListTagged(ctx context.Context, tagID string, options PageOptions) (Page[Company], error) {
	r := safeRead("GET /companies").naming("tag id", tagID).param("tag_id", tagID).page(options, maxCompaniesPerPage)
	return list[companyWire](ctx, s.client, r)
}

// ListInSegment returns a page of the companies in a segment, at most 60.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/retrievecompany
func (s *CompanyService) ListInSegment(
	ctx context.Context, segmentID string, options PageOptions,
) (Page[Company], error) {
	r := safeRead("GET /companies").naming("segment id", segmentID).param("segment_id", segmentID).
		page(options, maxCompaniesPerPage)
	return list[companyWire](ctx, s.client, r)
}

// ScrollAll iterates over all companies that have contacts, however many there are. A workspace has one scroll at a
// time: scrolls of this client wait for each other, an open scroll of another program is KindConflict, and a pause of a
// minute between two companies ends it. It cannot be resumed.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/scrolloverallcompanies
func (s *CompanyService) ScrollAll(ctx context.Context) iter.Seq2[Company, error] {
	scroll := s.client.conn.scroll
	return func(yield func(Company, error) bool) {
		if err := scroll.Acquire(ctx, 1); err != nil {
			r := scrollRequest()
			yield(Company{}, &Error{
				Method: r.method, Path: r.route, Message: "another scroll is open", Err: err, kind: KindUnavailable,
			})
			return
		}
		defer scroll.Release(1)
		pages := all(PageOptions{PerPage: perScroll}, func(at PageOptions) (Page[Company], error) {
			at.PerPage = 0 // it cannot be chosen
			return list[companyWire](ctx, s.client, scrollRequest().page(at, maxCompaniesPerPage))
		})
		for company, err := range pages {
			if !yield(company, err) {
				return
			}
		}
	}
}

// perScroll is how many companies a page of a scroll has.
const perScroll = 100

func scrollRequest() request { return newRequest(classScroll, "GET /companies/scroll", nil) }

// Segments returns the segments that a company is in.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/listattachedsegmentsforcompanies
func (s *CompanyService) Segments(ctx context.Context, id string) ([]Segment, error) {
	return every[segmentWire](ctx, s.client, safeRead("GET /companies/{id}/segments", id))
}
