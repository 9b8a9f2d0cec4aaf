package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/agd-bridge/agd-bridge/examples/rules/internal/shop"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/typed"
)

const (
	// maxBody bounds an order, in bytes.
	maxBody = 64 << 10
	// maxCount bounds a line of an order, and maxLines their number, so that
	// sums cannot overflow.
	maxCount = 1_000_000
	maxLines = 1000
	// ruleTime bounds the rules' time for one order.
	ruleTime = 5 * time.Second
)

// order is what a client posts.
type order struct {
	Customer string      `json:"customer"`
	Lines    []shop.Line `json:"lines"`
}

// question is the order as the rules see it.
type question struct {
	order
	// Subtotal is the price without discount, in cents.
	Subtotal int `json:"subtotal"`
}

// decision is the rules' decision on an order.
type decision struct {
	Accepted        bool   `json:"accepted"`
	DiscountPercent int    `json:"discountPercent"`
	Reason          string `json:"reason,omitempty"`
}

// receipt is the response to the client.
type receipt struct {
	decision
	// Order is the order's number, and Total its price in cents; only if it
	// was accepted.
	Order int `json:"order,omitempty"`
	Total int `json:"total,omitempty"`
}

func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		status, body := s.postOrder(w, r)
		reply(w, status, body)
	})
	mux.HandleFunc("GET /stock/{sku}", func(w http.ResponseWriter, r *http.Request) {
		sku := r.PathValue("sku")
		reply(w, http.StatusOK, map[string]any{"sku": sku, "level": s.shop.Level(sku)})
	})
	return mux
}

// postOrder returns the HTTP status and the body: a receipt or an error.
func (s *Service) postOrder(w http.ResponseWriter, r *http.Request) (int, any) {
	o, err := readOrder(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return http.StatusBadRequest, err
	}
	subtotal, err := s.shop.Subtotal(o.Lines)
	if err != nil {
		return http.StatusBadRequest, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), ruleTime)
	defer cancel()
	d, err := typed.Call[decision](ctx, s.bridge, "rules.Evaluate", question{o, subtotal})
	if err != nil {
		return ruleStatus(err), err
	}
	if !d.Accepted {
		return http.StatusOK, receipt{decision: d}
	}
	number, err := s.shop.Take(o.Lines)
	if err != nil {
		return http.StatusConflict, err
	}
	return http.StatusCreated, receipt{d, number, subtotal * (100 - d.DiscountPercent) / 100}
}

// ruleStatus maps an error of a rules call to an HTTP status. The kind of the
// bridge's error shows which side failed.
func ruleStatus(err error) int {
	var (
		remote *bridge.RemoteError
		closed *bridge.ClosedError
		local  *bridge.LocalError
	)
	switch {
	case errors.As(err, &remote): // a rule threw
		return http.StatusUnprocessableEntity
	case errors.As(err, &closed), errors.As(err, &local): // Node is gone, or has too much to do
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

func readOrder(body io.Reader) (order, error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	var o order
	if err := decoder.Decode(&o); err != nil {
		return order{}, err
	}
	if err := decoder.Decode(&struct{}{}); err != io.EOF {
		return order{}, errors.New("expected one JSON value")
	}
	if o.Customer == "" {
		return order{}, errors.New("customer: expected a name")
	}
	if len(o.Lines) == 0 || len(o.Lines) > maxLines {
		return order{}, fmt.Errorf("lines: expected 1 to %d", maxLines)
	}
	for i, line := range o.Lines {
		if line.Count < 1 || line.Count > maxCount {
			return order{}, fmt.Errorf("lines[%d].count: expected 1 to %d", i, maxCount)
		}
	}
	return o, nil
}

// reply writes JSON; an error becomes {"error":"its message"}.
func reply(w http.ResponseWriter, status int, body any) {
	if err, ok := body.(error); ok {
		body = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}
