package demo

import "bauta.dev/bauta/broker"

// partyPrefix marks the parties of the demonstration: their orders are shown to
// anybody who comes, and nobody else's.
const partyPrefix = "demo-"

// contact is what an invented party has given. Numbers are of the ranges that
// regulators keep for fiction; where a country keeps none, there is none, or
// nothing but zeros after the area.
type contact struct {
	firstName, name, email, phone, instructions string
	street, city, region, postalCode, country   string
}

type party struct {
	id                broker.PartyID
	kind              broker.PartyKind
	locale, residency string
	contact           contact
}

func parties() []party { return append(buyers(), sellers()...) }

func buyers() []party {
	return []party{
		{"demo-buyer-1", broker.Person, "pt-BR", "BR", contact{
			firstName: "Giovana", name: "Giovana Teixeira", email: "giovana.teixeira@example.com", phone: "+5581900000000",
			street: "Estrada do Coco, 2138", city: "Recife", region: "PE", postalCode: "51190-321", country: "BR",
		}},
		{"demo-buyer-2", broker.Person, "en-GB", "GB", contact{
			firstName: "Imogen", name: "Imogen Ashdown", email: "imogen@ashdown.example", phone: "+442079460018",
			street: "Flat 9, 400 Lighterman Row", city: "London", postalCode: "E1W 9ZZ", country: "GB",
		}},
		{"demo-buyer-3", broker.Person, "en-US", "US", contact{
			firstName: "Marcus", name: "Marcus Whitfield", email: "m.whitfield@example.org", phone: "+14155550132",
			street: "9001 Juniper Hollow Rd", city: "San Francisco", region: "CA", postalCode: "94199", country: "US",
		}},
		{"demo-buyer-4", broker.Person, "fr-FR", "FR", contact{
			firstName: "Éloïse", name: "Éloïse Garnier", email: "eloise.garnier@example.net", phone: "+33639980142",
			street: "912 rue du Faux-Semblant", city: "Lyon", postalCode: "69009", country: "FR",
		}},
		{"demo-buyer-5", broker.Person, "de-DE", "DE", contact{
			firstName: "Jörg", name: "Jörg Weißenfels", email: "joerg@weissenfels.example", phone: "+493023125042",
			street: "Nirgendweg 700", city: "Berlin", postalCode: "10999", country: "DE",
		}},
		{"demo-buyer-6", broker.Person, "zh-CN", "CN", contact{
			firstName: "晓雯", name: "林晓雯", email: "lin.xiaowen@example.cn.example",
			street: "无名路9000号3单元1201室", city: "杭州市", region: "浙江省", postalCode: "310000", country: "CN",
		}},
		{"demo-buyer-7", broker.Person, "ar-FR", "FR", contact{
			firstName: "ليلى", name: "ليلى بنت عبد الرحمن الحدّاد المرسيليّة", email: "leila.al-haddad.la-marseillaise.de-la-corniche@a-very-long-host-name.example", phone: "+33199001234",
			street: "Résidence des Sept-Nefs, bâtiment Sud-Ouest, escalier 14, porte 1203, 9870 boulevard de la Corniche-Imaginaire",
			city:   "Marseille", postalCode: "13007", country: "FR",
		}},
	}
}

func sellers() []party {
	return []party{
		{"demo-shop-1", broker.Merchant, "pt-BR", "BR", contact{
			name: "Livraria Farol do Recife Ltda.", email: "pedidos@livraria-farol.example",
			street: "Rua do Bom Livro, 9100", city: "Recife", region: "PE", postalCode: "50999-000", country: "BR",
		}},
		{"demo-shop-2", broker.Merchant, "en-GB", "GB", contact{
			name: "Tide & Tiller Chandlery", email: "counter@tide-and-tiller.example", phone: "+442079460077",
			street: "900 Old Oyster Wharf", city: "London", postalCode: "SE16 9ZZ", country: "GB",
		}},
		{"demo-shop-3", broker.Merchant, "en-US", "US", contact{
			name: "Halyard Type Foundry", email: "licences@halyard-type.example", phone: "+14155550177",
			street: "7700 Emdash Avenue", city: "Portland", region: "OR", postalCode: "97299", country: "US",
		}},
		{"demo-works-1", broker.Merchant, "de-DE", "DE", contact{
			name: "Tischlerei Nordlicht GmbH", email: "einkauf@tischlerei-nordlicht.example", phone: "+493023125900",
			street: "Spanwinkel 800", city: "Berlin", postalCode: "12999", country: "DE",
		}},
		{"demo-firm-1", broker.Merchant, "fr-FR", "FR", contact{
			firstName: "Théo", name: "Atelier Bonne Mine SARL", email: "bonjour@bonne-mine.example", phone: "+33199005678",
			street: "908 quai de la Fiction", city: "Lyon", postalCode: "69009", country: "FR",
		}},
		{"demo-host-1", broker.Person, "en-GB", "GB", contact{
			firstName: "Callum", name: "Callum Strathearn", email: "callum@strathearn.example", phone: "+447700900123",
			street: "The Boathouse, 950 Loch Nowhere Road", city: "Fort William", postalCode: "PH33 9ZZ", country: "GB",
		}},
		{"demo-seller-1", broker.Person, "zh-CN", "CN", contact{
			firstName: "志强", name: "张志强", email: "zhang@example.cn.example",
			street: "虚构街8800号", city: "杭州市", region: "浙江省", postalCode: "310000", country: "CN",
		}},
	}
}
