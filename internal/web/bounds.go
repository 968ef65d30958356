package web

import "premia/internal/web/page"

// Bounds are how often one visitor may ask for what tells of people, or costs the server
// much: more than anybody needs who works, and too little to try all numbers. A server
// gives them to its site.
func Bounds() map[string]page.Bound {
	return map[string]page.Bound{
		"GET /console/members":                      {Minute: 120},
		"POST /till/find":                           {Minute: 30, Hour: 400},
		"POST /till/members/{member}/phone":         {Minute: 6, Hour: 40},
		"GET /console/members/{member}/export":      {Minute: 20, Hour: 200},
		"GET /console/audit/export":                 {Minute: 6},
		"GET /console/codes/{batch}/file":           {Minute: 6},
		"GET /profile/data":                         {Minute: 6},
		"POST /console/program/drafts/{draft}/cost": {Minute: 6},
		"POST /give":                                {Minute: 12, Hour: 60},
		"POST /family/invite":                       {Minute: 12, Hour: 60},
		"POST /gift-card":                           {Minute: 6, Hour: 30},
		"POST /gift-card/add":                       {Minute: 6, Hour: 30},
		page.ListFile:                               {Minute: 20},
	}
}
