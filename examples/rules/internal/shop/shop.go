// Package shop is the data that Go owns: products with their prices and stock,
// and customers. It is in memory; a file gives its start.
package shop

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// Product is one thing on sale.
type Product struct {
	// Price of one, in cents.
	Price int `json:"price"`
	// Stock is how many there are.
	Stock int `json:"stock"`
}

// Customer is what the rules may know of a buyer.
type Customer struct {
	Name string `json:"name"`
	Tier string `json:"tier"`
}

// Line is one line of an order.
type Line struct {
	SKU   string `json:"sku"`
	Count int    `json:"count"`
}

// Shop is safe for concurrent use.
type Shop struct {
	customers map[string]Customer

	mu       sync.Mutex
	products map[string]Product
	orders   int
}

// Load reads a shop from a file.
func Load(file string) (*Shop, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var data struct {
		Products  map[string]Product  `json:"products"`
		Customers map[string]Customer `json:"customers"`
	}
	if err := json.Unmarshal(text, &data); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if data.Products == nil {
		return nil, fmt.Errorf("%s: it has no products", file)
	}
	return &Shop{products: data.Products, customers: data.Customers}, nil
}

// Level returns the stock of a product; 0 for an unknown one.
func (s *Shop) Level(sku string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.products[sku].Stock
}

// Customer returns a customer by its id.
func (s *Shop) Customer(id string) (Customer, error) {
	customer, ok := s.customers[id]
	if !ok {
		return Customer{}, fmt.Errorf("no customer %q", id)
	}
	return customer, nil
}

// Subtotal returns the price of these lines without discount, in cents.
func (s *Shop) Subtotal(lines []Line) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	subtotal := 0
	for i, line := range lines {
		product, ok := s.products[line.SKU]
		if !ok {
			return 0, fmt.Errorf("lines[%d].sku: no product %q", i, line.SKU)
		}
		subtotal += product.Price * line.Count
	}
	return subtotal, nil
}

// Take removes the products of an order from the stock, all or none, and
// returns the order's number. The stock that the rules saw may be outdated;
// this check decides.
func (s *Shop) Take(lines []Line) (order int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := map[string]Product{}
	for _, line := range lines {
		product, seen := left[line.SKU]
		if !seen {
			product = s.products[line.SKU]
		}
		product.Stock -= line.Count
		if product.Stock < 0 {
			return 0, fmt.Errorf("not enough of %s", line.SKU)
		}
		left[line.SKU] = product
	}
	for sku, product := range left {
		s.products[sku] = product
	}
	s.orders++
	return s.orders, nil
}
