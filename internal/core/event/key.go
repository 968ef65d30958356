package event

// field is a key of an event or an item.
type field uint8

const (
	fieldUnknown field = iota
	fieldID
	fieldType
	fieldMember
	fieldTime
	fieldOnArrival
	fieldOrder
	fieldCurrency
	fieldChannel
	fieldStore
	fieldTotal
	fieldTax
	fieldShipping
	fieldDiscount
	fieldPaidWithGiftCards
	fieldPaidWithPoints
	fieldItems
	fieldWallet
	fieldAmount
	fieldReason
	fieldReference
	fieldReward
	fieldHold
	fieldRedemption
	fieldStatus
	fieldData
	fieldCarried
	fieldPrices
	fieldCodes
	fieldPay
	fieldCheckout
	fieldAbout
	fieldBy
	fieldOffer
	fieldChoice
	fieldOption
	fieldUntil
	fieldContest

	fieldSKU
	fieldName
	fieldCategory
	fieldBrand
	fieldQuantity
	fieldUnitPrice
	fieldSlot
	fieldClick
)

var (
	eventKeys = []string{"id", "type", "member", "time", "order", "currency", "channel", "store",
		"total", "tax", "shipping", "discount", "paid_with_gift_cards", "paid_with_points",
		"items", "wallet", "amount", "reason", "reference",
		"reward", "quantity", "hold", "redemption", "status", "slot", "data", "prices", "codes", "pay", "checkout", "about", "offer", "choice", "option", "contest", "until", "click"}
	paymentKeys = []string{"wallet", "amount"}
	itemKeys    = []string{"sku", "name", "category", "brand", "quantity", "unit_price", "total"}
)

func eventField(key string) field {
	switch key {
	case "id":
		return fieldID
	case "type":
		return fieldType
	case "member":
		return fieldMember
	case "time":
		return fieldTime
	case "on_arrival":
		return fieldOnArrival
	case "order":
		return fieldOrder
	case "currency":
		return fieldCurrency
	case "channel":
		return fieldChannel
	case "store":
		return fieldStore
	case "items":
		return fieldItems
	case "wallet":
		return fieldWallet
	case "amount":
		return fieldAmount
	case "reason":
		return fieldReason
	case "reference":
		return fieldReference
	case "reward":
		return fieldReward
	case "hold":
		return fieldHold
	case "redemption":
		return fieldRedemption
	case "status":
		return fieldStatus
	case "data":
		return fieldData
	case "carried":
		return fieldCarried
	case "quantity":
		return fieldQuantity
	case "slot":
		return fieldSlot
	case "prices":
		return fieldPrices
	case "codes":
		return fieldCodes
	case "pay":
		return fieldPay
	case "checkout":
		return fieldCheckout
	case "about":
		return fieldAbout
	case "by":
		return fieldBy
	}
	return laterField(key)
}

// laterField gives the keys of offers and links, and the amounts.
func laterField(key string) field {
	switch key {
	case "offer":
		return fieldOffer
	case "choice":
		return fieldChoice
	case "option":
		return fieldOption
	case "contest":
		return fieldContest
	case "until":
		return fieldUntil
	case "click":
		return fieldClick
	}
	return amountField(key)
}

func amountField(key string) field {
	switch key {
	case "total":
		return fieldTotal
	case "tax":
		return fieldTax
	case "shipping":
		return fieldShipping
	case "discount":
		return fieldDiscount
	case "paid_with_gift_cards":
		return fieldPaidWithGiftCards
	case "paid_with_points":
		return fieldPaidWithPoints
	}
	return fieldUnknown
}

func itemField(key string) field {
	switch key {
	case "sku":
		return fieldSKU
	case "name":
		return fieldName
	case "category":
		return fieldCategory
	case "brand":
		return fieldBrand
	case "quantity":
		return fieldQuantity
	case "unit_price":
		return fieldUnitPrice
	case "total":
		return fieldTotal
	}
	return fieldUnknown
}

// money gives the amount of a key and its bit.
func (e *Event) money(f field) (*int64, Field) {
	switch f {
	case fieldTotal:
		return &e.Total, GivenTotal
	case fieldTax:
		return &e.Tax, GivenTax
	case fieldShipping:
		return &e.Shipping, GivenShipping
	case fieldDiscount:
		return &e.Discount, GivenDiscount
	case fieldPaidWithGiftCards:
		return &e.PaidWithGiftCards, GivenPaidWithGiftCards
	case fieldPaidWithPoints:
		return &e.PaidWithPoints, GivenPaidWithPoints
	}
	return nil, 0
}

// text gives the text of a key and its bound in characters.
func (e *Event) text(f field) (*string, int) {
	switch f {
	case fieldMember:
		return &e.Member, MaxTextLength
	case fieldOrder:
		return &e.Order, MaxOrderLength
	case fieldChannel:
		return &e.Channel, MaxTextLength
	case fieldStore:
		return &e.Store, MaxTextLength
	case fieldWallet:
		return &e.Wallet, MaxTextLength
	case fieldReason:
		return &e.Reason, MaxTextLength
	case fieldReference:
		return &e.Reference, MaxTextLength
	case fieldReward:
		return &e.Reward, MaxTextLength
	case fieldRedemption:
		return &e.Redemption, MaxIDLength
	case fieldStatus:
		return &e.Status, MaxTextLength
	case fieldCheckout:
		return &e.Checkout, MaxIDLength
	case fieldAbout:
		return &e.About, MaxIDLength
	case fieldClick:
		return &e.Click, MaxIDLength
	case fieldBy:
		return &e.By, MaxTextLength
	case fieldOffer:
		return &e.Offer, MaxTextLength
	case fieldChoice:
		return &e.Choosing, MaxTextLength
	case fieldOption:
		return &e.Option, MaxTextLength
	case fieldContest:
		return &e.Contest, MaxTextLength
	}
	return nil, 0
}

// text gives the text of a key.
func (i *Item) text(f field) *string {
	switch f {
	case fieldSKU:
		return &i.SKU
	case fieldName:
		return &i.Name
	case fieldCategory:
		return &i.Category
	case fieldBrand:
		return &i.Brand
	}
	return nil
}

// known gives Premia's own copy of a type's name, so that an event does not keep
// the text that it was read from.
func known(name string) string {
	switch name {
	case Purchase:
		return Purchase
	case Return:
		return Return
	case Adjustment:
		return Adjustment
	case Claim:
		return Claim
	case Checkout:
		return Checkout
	case Redemption:
		return Redemption
	case Confirmation:
		return Confirmation
	case Cancellation:
		return Cancellation
	case Refund:
		return Refund
	case Fulfilment:
		return Fulfilment
	case Approval:
		return Approval
	case Rejection:
		return Rejection
	case Activation:
		return Activation
	case Deactivation:
		return Deactivation
	case Choice:
		return Choice
	case PersonalOffer:
		return PersonalOffer
	case ContestClaim:
		return ContestClaim
	}
	return name
}
