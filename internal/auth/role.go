package auth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// Role is what a user is in the business.
type Role string

// The roles.
const (
	Owner     Role = "owner"    // everything, the other owners included
	Manager   Role = "manager"  // the daily business, with users but no owners
	Marketer  Role = "marketer" // the program, campaigns, codes
	Analyst   Role = "analyst"  // reads, and changes nothing
	Supporter Role = "support"  // helps members
	Cashier   Role = "cashier"  // the till
)

// Roles lists the roles.
func Roles() []Role { return []Role{Owner, Manager, Marketer, Analyst, Supporter, Cashier} }

// ParseRole reads a role.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", text.Say("there is no role {Role}; known are {Known}", strconv.Quote(s), fmt.Sprint(Roles()))
}

// Permission is something that somebody may do: a resource and a verb.
type Permission string

// The permissions.
const (
	HomeRead           Permission = "home.read"           // the console's first page
	MembersSee         Permission = "members.read"        // find and read members
	MembersChange      Permission = "members.write"       // enrol, change, block and merge members
	PersonalExport     Permission = "personal.export"     // give out all that is known of a member
	PersonalErase      Permission = "personal.erase"      // erase members
	Adjust             Permission = "adjustments.write"   // give and take value by hand
	ApproveAdjustments Permission = "adjustments.approve" // be the second person
	ProgramRead        Permission = "program.read"        // read the program and its versions
	ProgramWrite       Permission = "program.write"       // write drafts, rewards and campaigns
	ProgramPublish     Permission = "program.publish"     // publish, and approve what others wrote
	ReportsRead        Permission = "reports.read"        // figures and exports without persons
	RedemptionsRead    Permission = "redemptions.read"    // see what was redeemed
	RedemptionsWrite   Permission = "redemptions.write"   // redeem, confirm, cancel, refund, fulfil
	CodesSee           Permission = "codes.read"          // read batches, and look a code up
	CodesChange        Permission = "codes.write"         // make, import, export, give and block codes
	ContestsDraw       Permission = "contests.draw"       // draw contests
	PayoutsManage      Permission = "payouts.write"       // batches of pay-outs
	UsersRead          Permission = "users.read"          // see users, invitations and sessions
	UsersWrite         Permission = "users.write"         // invite, change and disable users
	KeysWrite          Permission = "keys.write"          // make and revoke API keys
	WebhooksRead       Permission = "webhooks.read"       // see endpoints and their deliveries
	WebhooksWrite      Permission = "webhooks.write"      // make, change, try and remove endpoints
	SettingsWrite      Permission = "settings.write"      // the workspace's settings
	MessagesRead       Permission = "messages.read"       // the outbox
	AuditRead          Permission = "audit.read"          // the audit trail
	TillUse            Permission = "till.use"            // the till
	AccountUse         Permission = "account.use"         // one's own password, factors and sessions
)

// table declares who may do what. An owner may do all of it.
var table = []struct {
	permission Permission
	roles      []Role
}{
	{AccountUse, []Role{Manager, Marketer, Analyst, Supporter, Cashier}},
	{HomeRead, []Role{Manager, Marketer, Analyst, Supporter}},
	{MembersSee, []Role{Manager, Marketer, Analyst, Supporter}},
	{MembersChange, []Role{Manager, Supporter}},
	{PersonalExport, []Role{Manager, Supporter}},
	{PersonalErase, []Role{Manager}},
	{Adjust, []Role{Manager, Supporter}},
	{ApproveAdjustments, []Role{Manager}},
	{ProgramRead, []Role{Manager, Marketer, Analyst, Supporter}},
	{ProgramWrite, []Role{Manager, Marketer}},
	{ProgramPublish, []Role{Manager}},
	{ReportsRead, []Role{Manager, Marketer, Analyst}},
	{RedemptionsRead, []Role{Manager, Marketer, Analyst, Supporter}},
	{RedemptionsWrite, []Role{Manager, Supporter}},
	{CodesSee, []Role{Manager, Marketer, Supporter}},
	{CodesChange, []Role{Manager, Marketer}},
	{ContestsDraw, []Role{Manager, Marketer}},
	{PayoutsManage, []Role{Manager}},
	{UsersRead, []Role{Manager}},
	{UsersWrite, []Role{Manager}},
	{KeysWrite, nil},
	{WebhooksRead, []Role{Manager}},
	{WebhooksWrite, []Role{Manager}},
	{SettingsWrite, []Role{Manager}},
	{MessagesRead, []Role{Manager, Supporter}},
	{AuditRead, []Role{Manager, Analyst}},
	{TillUse, []Role{Manager, Supporter, Cashier}},
}

// Permissions lists the permissions in the order in which they are declared.
func Permissions() []Permission {
	all := make([]Permission, len(table))
	for i := range table {
		all[i] = table[i].permission
	}
	return all
}

// Reading is what somebody needs who only reads what a permission is about; the permission
// itself where nothing less is declared.
func (p Permission) Reading() Permission {
	about, _, _ := strings.Cut(string(p), ".")
	reading := Permission(about + ".read")
	if slices.Contains(Permissions(), reading) {
		return reading
	}
	return p
}

// Allows tells whether the role may do something; nobody may what is not declared.
func Allows(role Role, permission Permission) bool {
	for i := range table {
		if table[i].permission == permission {
			return role == Owner || slices.Contains(table[i].roles, role)
		}
	}
	return false
}

// MayGive tells whether users of the role may make others users of another: only
// owners make owners.
func MayGive(role, other Role) bool {
	return Allows(role, UsersWrite) && (other != Owner || role == Owner)
}
