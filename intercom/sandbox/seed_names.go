package sandbox

// The words that the seeded workspace is made of.
var (
	firstNames = []string{
		"Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Daniel", "Diego", "Elena", "Emma", "Farah", "Finn", "Grace",
		"Hana", "Hugo", "Ines", "Ivan", "Jade", "Jonas", "Kofi", "Lara", "Leo", "Lucia", "Maria", "Mateo", "Mia",
		"Nadia", "Noah", "Olga", "Omar", "Paula", "Quinn", "Rahul", "Rosa", "Sofia", "Theo", "Uma", "Victor", "Wanda",
		"Yusuf",
	}
	lastNames = []string{
		"Alvarez", "Andersen", "Bakker", "Banerjee", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad",
		"Ivanova", "Jansen", "Kim", "Kowalski", "Larsen", "Lopez", "Meyer", "Moreau", "Nakamura", "Novak", "Okoye",
		"Olsen", "Patel", "Petrov", "Quist", "Rossi", "Santos", "Schmidt", "Silva", "Singh", "Suzuki", "Tanaka",
		"Urban", "Vargas", "Weber", "Wong", "Xu", "Yilmaz", "Young", "Zhang",
	}
	companyNames = []string{
		"Acme Inc", "Blue Sun", "Cedar Logistics", "Delta Foods", "Evergreen Health", "Fjord Analytics",
		"Granite Works", "Harbour Bank", "Iris Optics", "Juniper Media", "Kestrel Air", "Lumen Energy", "Maple Retail",
		"Nimbus Hosting", "Orchard Bio", "Pinecone Games", "Quarry Metals", "Rivet Robotics", "Saffron Travel",
		"Tundra Outdoor", "Umbra Security", "Vector Maps", "Willow Design", "Xenon Lighting", "Yarrow Pharma",
		"Zephyr Mobility", "Atlas Legal", "Beacon Schools", "Cobalt Mining", "Drift Surf", "Ember Coffee",
		"Falcon Freight", "Glacier Water", "Hazel Homes", "Indigo Textiles", "Jasper Jewels", "Kiwi Orchards",
		"Lotus Wellness", "Mosaic Arts", "Nowhere Ltd",
	}
	industries = []string{"Software", "Manufacturing", "Retail", "Healthcare", "Finance", "Education", "Logistics"}
	places     = []Location{
		{"Ireland", "Leinster", "Dublin", "IRL", "EU"},
		{"Germany", "Berlin", "Berlin", "DEU", "EU"},
		{"United States", "California", "San Francisco", "USA", "NA"},
		{"Brazil", "Sao Paulo", "Sao Paulo", "BRA", "SA"},
		{"Japan", "Tokyo", "Tokyo", "JPN", "AS"},
		{"Australia", "New South Wales", "Sydney", "AUS", "OC"},
	}
	noteTexts = []string{
		"Asked about the new export.", "Wants a call next week.", "Renewal agreed in principle.", "Waiting for legal.",
		"Prefers e-mail over phone.", "Evaluating a competitor.", "Met at the spring conference.",
	}
)
