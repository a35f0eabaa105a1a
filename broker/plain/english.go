package plain

// english words, by key. What a message is given is numbered: %[1]s.
var english = map[string]string{
	"granted":      "Granted: %[3]s, %[1]s may see this of %[2]s: %[4]s.",
	"granted.bare": "Granted: %[3]s, %[1]s may see what is necessary of %[2]s.",
	"pending":      "Pending: a person decides whether %[1]s may see this of %[2]s, %[3]s: %[4]s. Nothing needs to be done until then.",
	"pending.bare": "Pending: a person decides what %[1]s may see of %[2]s, %[3]s. Nothing needs to be done until then.",
	"refused":      "Refused: %[3]s, %[1]s may not see this of %[2]s: %[4]s.",
	"refused.bare": "Refused: %[3]s, %[1]s may see nothing of %[2]s.",
	"withheld":     "Withheld (%[1]s): %[2]s.",
	"also.pending": "A person decides about the rest: %[1]s.",
	"because":      "The reason: %[1]s.",
	"missing":      "Still missing from %[1]s: %[2]s, %[3]s of %[4]s.",
	"foreseen":     "This was a dry run: nothing was decided, recorded or shown, and whether each value is held was not looked at.",

	"foreseen.refused": "Ask without dry_run for a decision with all its reasons.",

	"role.buyer": "the buyer", "role.seller": "the seller",
	"of.buyer": "the buyer", "of.seller": "the seller",
	"from.buyer": "the buyer", "from.seller": "the seller",

	"purpose.deliver":   "to deliver",
	"purpose.delay":     "to arrange a delayed delivery",
	"purpose.return":    "to handle a return",
	"purpose.collect":   "to collect what is owed",
	"purpose.invoice":   "to issue an invoice",
	"purpose.hand_over": "to hand over in person",
	"purpose.settle":    "to settle a dispute",

	"field.first_name": "first name", "field.name": "name", "field.email": "e-mail address", "field.phone": "phone number",
	"field.locality": "locality", "field.address": "address",

	"ground.2a": "The ground is clause 2a: a service partner needs it.",
	"ground.3a": "The ground is clause 3a: the person concerned has consented beforehand.",
	"ground.3b": "The ground is clause 3b: it is needed to start performing.",
	"ground.3c": "The ground is clause 3c: an authority requires it.",
	"ground.3d": "The ground is clause 3d: a finding was made against the person concerned.",
	"ground.3e": "The ground is clause 3e: a complaint about intellectual property was made.",
	"ground.3f": "The ground is clause 3f: whoever asks has performed.",
	"ground.3g": "The ground is clause 3g: another law, rule or policy, which is cited.",

	"state.live":      "It can be looked at until %[1]s, once more.=one It can be looked at until %[1]s, %[2]d more times.",
	"state.expired":   "The grant has ended: its time was over on %[1]s. Whoever still needs the data asks anew.",
	"state.used_up":   "The grant has ended: every view has been used. Whoever still needs the data asks anew.",
	"state.suspended": "The grant is suspended: what it rested on no longer holds. Whoever still needs the data asks anew once it does.",
	"state.revoked":   "The grant has been revoked. Whoever still needs the data asks anew.",

	"obligation.pay": "payment", "obligation.accept": "acceptance of the order", "obligation.ship": "shipment",
	"obligation.deliver": "delivery", "obligation.hand_over": "hand-over", "obligation.serve": "the service",
	"obligation.grant_access": "access", "obligation.give_back": "giving back what was rented",
	"obligation.approve_return": "approval of a return", "obligation.return": "return of the goods", "obligation.refund": "refund",

	"reason.no_performance":         "this rests on a performance that nobody has attested yet",
	"reason.performance_unattested": "the performance that this rests on is claimed, but nobody whose word counts has attested it",
	"reason.below_floor":            "what has been performed is less than this needs",
	"reason.not_necessary":          "this purpose does not need it, or not now",
	"reason.transaction_cancelled":  "the transaction was cancelled, and discloses nothing any more",
	"reason.transaction_closed":     "the time in which this was needed is over",
	"reason.relay_unavailable":      "this would be given as a relayed address or number, and there is no relay",
	"reason.not_available":          "this is not available",
	"reason.not_held":               "the other side has not given it",

	"todo.no_performance":         "Once what is missing has been performed and attested, ask again.",
	"todo.performance_unattested": "Have the performance attested by the platform, then ask again.",
	"todo.below_floor":            "Once the rest has been performed and attested, ask again.",
	"todo.not_necessary":          "Go on without it; if the situation changes, ask again, or ask for the purpose that fits.",
	"todo.transaction_cancelled":  "If something is still owed, open a dispute with the marketplace.",
	"todo.transaction_closed":     "If something is still owed, open a dispute with the marketplace.",
	"todo.relay_unavailable":      "Write to the other side through the marketplace.",
	"todo.not_available":          "Write to the other side through the marketplace, or ask the marketplace to look into it.",
	"todo.not_held":               "Ask the other side, through the marketplace, to add it, then ask again.",

	"list.comma": ", ", "list.and": " and ", "decimal": ".",
	"time":    "%[3]s %[2]s %[1]s, %[4]s UTC",
	"month.1": "January", "month.2": "February", "month.3": "March", "month.4": "April", "month.5": "May", "month.6": "June",
	"month.7": "July", "month.8": "August", "month.9": "September", "month.10": "October", "month.11": "November", "month.12": "December",
}
