package money

import "strings"

// currencyDigits lists the minor-unit digits of ISO 4217 (list one: active
// currencies and funds, without metals and test codes that have no minor unit),
// and the few withdrawn since 2023 that a purchase history may still name.
var currencyDigits = func() map[string]int {
	digits := make(map[string]int, 180)
	for count, codes := range map[int]string{
		0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`,
		2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
			CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
			GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
			MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
			PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
			TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
			ANG BGN HRK SLL ZWL`,
		3: `BHD IQD JOD KWD LYD OMR TND`,
		4: `CLF UYW`,
	} {
		for code := range strings.FieldsSeq(codes) {
			digits[code] = count
		}
	}
	return digits
}()

// CurrencyDigits gives the decimals of a currency by its ISO 4217 code in
// capitals, 0 to 4, and whether the code is a currency at all.
func CurrencyDigits(code string) (int, bool) {
	digits, ok := currencyDigits[code]
	return digits, ok
}
