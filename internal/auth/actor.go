package auth

// Kind is what somebody is who acts.
type Kind string

// The kinds of actors.
const (
	KindUser   Kind = "user"   // somebody of the business, in a browser
	KindKey    Kind = "key"    // a program, with an API key
	KindMember Kind = "member" // a member, on the portal
	KindSystem Kind = "system" // the command line, or Premia by itself
)

// Actor is who acts, and from where.
type Actor struct {
	Kind Kind
	// ID is that of the user, key or member: "usr_…", "key_…", "mem_…"; of the system
	// the name of the command.
	ID string
	// Name is for people; it is not kept in the audit trail.
	Name string
	// Role is that of a user, and Scopes are those of a key.
	Role   Role
	Scopes Scopes
	// Only narrows what a user may to one permission, as at a till, whatever the role;
	// empty narrows nothing.
	Only Permission
	// Address is the network address, empty for the command line.
	Address string
	// Session is the session of a user or member, and Proved tells that they proved
	// lately who they are.
	Session string
	Proved  bool
}

// System is who acts by a command on the machine.
func System(command string) Actor { return Actor{Kind: KindSystem, ID: command, Name: command} }

// keyPermissions are what the scopes of keys stand for.
var keyPermissions = map[Scope][]Permission{
	MembersRead:      {MembersSee},
	MembersWrite:     {MembersChange},
	MembersErase:     {PersonalErase},
	AdjustmentsWrite: {Adjust, ApproveAdjustments},
	ProgramsRead:     {ProgramRead},
	ProgramsWrite:    {ProgramWrite, ProgramPublish, ContestsDraw},
	CodesRead:        {CodesSee},
	CodesWrite:       {CodesChange},
	PayoutsWrite:     {PayoutsManage},
	EventsWrite:      {RedemptionsWrite},
	UsersReadScope:   {UsersRead},
	UsersWriteScope:  {UsersRead, UsersWrite},
	AuditReadScope:   {AuditRead},

	WebhooksReadScope:  {WebhooksRead},
	WebhooksWriteScope: {WebhooksRead, WebhooksWrite},
}

// Allows tells whether the actor may do something. What is done on the machine itself
// is allowed; members may nothing here.
func (a Actor) Allows(permission Permission) bool {
	switch a.Kind {
	case KindSystem:
		return true
	case KindUser:
		return (a.Only == "" || a.Only == permission) && Allows(a.Role, permission)
	case KindKey:
		for _, scope := range a.Scopes {
			if scope == Admin {
				return true
			}
			for _, one := range keyPermissions[scope] {
				if one == permission {
					return true
				}
			}
		}
	}
	return false
}

// MayGive tells whether the actor may make others users of a role.
func (a Actor) MayGive(role Role) bool {
	switch a.Kind {
	case KindUser:
		return a.Only == "" && MayGive(a.Role, role)
	case KindKey:
		return a.Scopes.Allow(Admin) || (a.Allows(UsersWrite) && role != Owner)
	}
	return a.Kind == KindSystem
}
