package api

// The examples of the API's document; a test sends each of them.
var (
	exampleItems = []any{
		map[string]any{"sku": "COF-250", "name": "Coffee beans 250 g", "category": "coffee", "quantity": 2, "unit_price": "39.90"},
		map[string]any{"sku": "CUP-1", "name": "Cup", "category": "dishes", "total": "24.50"},
	}
	exampleEvent = map[string]any{
		"id": "till-7-receipt-2041", "type": "purchase", "member": "card:2900000000001",
		"order": "2041", "store": "warsaw-1", "channel": "store", "total": "104.30", "items": exampleItems,
	}
	exampleBatch = map[string]any{"events": []any{
		map[string]any{"id": "receipt-1", "type": "purchase", "member": "card:2900000000001", "total": "12.00"},
		map[string]any{"id": "receipt-2", "type": "purchase", "member": "card:2900000000018", "total": "8.50"},
	}}
	exampleEnrolment = map[string]any{
		"id": "join-17", "identities": []any{"card:2900000000001", "email:anna@example.com"},
		"profile":  map[string]any{"given_name": "Anna", "birth_date": "1990-05-31", "language": "pl", "city": "Warszawa"},
		"consents": map[string]any{"email": true},
	}
	exampleChange = map[string]any{
		"profile": map[string]any{"city": "Kraków"}, "facts": map[string]any{"favourite_drink": "espresso"}, "consents": map[string]any{"email": false},
	}
	exampleIdentity   = map[string]any{"identity": "phone:+48600100200"}
	exampleClock      = map[string]any{"to": "2027-03-01T09:00:00Z"}
	exampleMerge      = map[string]any{"into": "card:2900000000018"}
	exampleAdjustment = map[string]any{"wallet": "points", "amount": "25", "reason": "Long wait at the till"}
	exampleTransfer   = map[string]any{"to": "card:2900000000018", "wallet": "points", "amount": "50"}
	exampleFamily     = map[string]any{"id": "family-7", "head": "card:2900000000001"}
	exampleKin        = map[string]any{"by": "card:2900000000001", "member": "card:2900000000018"}
	exampleJoin       = map[string]any{"member": "card:2900000000018"}
	exampleClaim      = map[string]any{"order": "2040"}
	exampleRedemption = map[string]any{"id": "redeem-5", "reward": "espresso", "hold": true}
	exampleStep       = map[string]any{"reason": "changed their mind"}
	exampleFulfilment = map[string]any{"id": "counter-5", "status": "handed_over"}
	exampleCodes      = map[string]any{"id": "spring-web", "reward": "spring", "pattern": "SPRING-####-####", "count": 1000}
	exampleVoucher    = map[string]any{"code": "SPRING-2345-6789"}
	exampleGiftCard   = map[string]any{"id": "sale-7", "kind": "birthday", "amount": "100.00", "code": "GIFT-4KX7-9MTD"}
	exampleTopUp      = map[string]any{"id": "top-up-7", "amount": "50.00"}
	exampleMove       = map[string]any{"id": "move-7", "to": "card:2900000000018", "amount": "20.00"}
	exampleBlock      = map[string]any{"blocked": false, "reason": "found again"}
	examplePayment    = map[string]any{"id": "pay-7", "amount": "30.50", "order": "2041", "hold": true}
	exampleRefund     = map[string]any{"id": "refund-7", "amount": "10.00"}
	examplePrices     = map[string]any{"prices": []any{map[string]any{"sku": "TEA-100", "channel": "web", "time": "2026-05-01T00:00:00+02:00", "regular_price": "49.90", "price": "39.90"}}}
	exampleKey        = map[string]any{"name": "web shop", "scopes": []any{"events:write", "members:read"}, "expires_in_days": 365}
)

const exampleProgram = `program: Bean Club
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
wallets:
  points: {name: {en: points, pl: punkty}, expires: 12mo}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
`
