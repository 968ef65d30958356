package console

import (
	"premia/internal/auth"
	"premia/internal/web/page"
)

// workRoutes adds the pages of a program in use and of the workspace.
func (c *Console) workRoutes(site *page.Site) {
	site.Nav(workNavigation...)
	c.upkeepRoutes()
	c.catalogueRoutes()
	c.campaignRoutes()
	c.redemptionRoutes()
	c.codeRoutes()
	c.priceRoutes()
	c.contestRoutes()
	c.payoutRoutes()
	c.webhookRoutes()
	c.settingsRoutes()
}

// workNavigation in its order.
var workNavigation = []page.NavItem{
	{Path: "/console/redemptions", Label: "console.redemptions", Icon: "package", Key: "r", Need: page.Need(auth.RedemptionsRead), Group: "console.group.offer"},
	{Path: "/console/rewards", Label: "console.rewards", Icon: "gift", Key: "w", Need: programRead, Group: "console.group.offer"},
	{Path: "/console/campaigns", Label: "console.campaigns", Icon: "speakerphone", Key: "c", Need: programRead, Group: "console.group.offer"},
	{Path: "/console/offers", Label: "console.offer.all", Icon: "discount", Need: programRead, Group: "console.group.offer"},
	{Path: "/console/codes", Label: "console.codes", Icon: "ticket", Need: page.Need(auth.CodesSee), Group: "console.group.offer"},
	{Path: "/console/prices", Label: "console.prices", Icon: "tag", Need: programWrite, Group: "console.group.offer"},
	{Path: "/console/contests", Label: "console.contests", Icon: "trophy", Need: programRead, Group: "console.group.offer"},
	{Path: "/console/leaderboards", Label: "console.leaderboards", Icon: "medal", Need: programRead, Group: "console.group.offer"},
	{Path: "/console/payouts", Label: "console.payouts", Icon: "cash", Need: page.Need(auth.PayoutsManage), Group: "console.group.offer"},
	{Path: "/console/settings", Label: "console.settings", Icon: "palette", Need: page.Need(auth.SettingsWrite), Group: "console.group.workspace"},
	{Path: "/console/webhooks", Label: "console.webhooks", Icon: "webhook", Need: page.Need(auth.WebhooksWrite), Group: "console.group.workspace"},
	{Path: "/console/upkeep", Label: "console.upkeep", Icon: "database", Need: page.Need(auth.SettingsWrite), Group: "console.group.workspace"},
}
