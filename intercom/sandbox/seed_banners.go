package sandbox

// seedBanners makes the banners: one that every user sees, one for those on
// trial, and one for leads.
func seedBanners() []*banner {
	return []*banner{
		{
			id: "486517", title: "Maintenance on Sunday", body: `<p class="no-margin">We are back by noon.</p>`,
			style: "inline", position: "top", dismissible: true,
			matches: func(c *Contact) bool { return c.Role == "user" },
		},
		{
			id: "486518", title: "Your trial", body: `<p class="no-margin">Pick a plan before it ends.</p>`,
			style: "floating", position: "bottom", dismissible: true,
			action:  urlActionJSON{"url", "See the plans", "https://sandbox.example/pricing"},
			matches: func(c *Contact) bool { return c.Role == "user" && c.CustomAttributes["plan"] == "trial" },
		},
		{
			id: "486519", body: `<p class="no-margin">Did you find what you came for?</p>`,
			style: "floating", position: "bottom",
			action:  reactionActionJSON{"reaction", []reactionJSON{{0, "\U0001F44D"}, {1, "\U0001F44E"}}},
			matches: func(c *Contact) bool { return c.Role == "lead" },
		},
	}
}
