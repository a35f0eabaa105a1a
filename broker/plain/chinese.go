package plain

// chinese words, simplified.
var chinese = map[string]string{
	"granted":      "已同意：%[1]s可%[3]s查看%[2]s的以下信息：%[4]s。",
	"granted.bare": "已同意：%[1]s可%[3]s查看%[2]s的必要信息。",
	"pending":      "待审核：%[1]s能否%[3]s查看%[2]s的以下信息，将由工作人员决定：%[4]s。在此之前无需进行任何操作。",
	"pending.bare": "待审核：%[1]s能否%[3]s查看%[2]s的信息，将由工作人员决定。在此之前无需进行任何操作。",
	"refused":      "已拒绝：%[1]s不得%[3]s查看%[2]s的以下信息：%[4]s。",
	"refused.bare": "已拒绝：%[1]s不得%[3]s查看%[2]s的任何信息。",
	"withheld":     "不予提供（%[1]s）：%[2]s。",
	"also.pending": "其余信息将由工作人员决定：%[1]s。",
	"because":      "原因：%[1]s。",
	"missing":      "%[1]s尚未完成：%[2]s，需%[4]s，已完成%[3]s。",
	"foreseen":     "本次为试运行：未作出决定，未留存记录，未展示信息，也未查验相关信息是否存在。",

	"foreseen.refused": "如需包含全部原因的正式决定，请在不使用 dry_run 的情况下申请。",

	"role.buyer": "买方", "role.seller": "卖方",
	"of.buyer": "买方", "of.seller": "卖方",
	"from.buyer": "买方", "from.seller": "卖方",

	"purpose.deliver":   "为履行交付",
	"purpose.delay":     "为处理延迟交付",
	"purpose.return":    "为办理退货",
	"purpose.collect":   "为收取欠款",
	"purpose.invoice":   "为开具发票",
	"purpose.hand_over": "为当面交接",
	"purpose.settle":    "为解决争议",

	"field.first_name": "名字", "field.name": "姓名", "field.email": "电子邮箱", "field.phone": "电话号码",
	"field.locality": "所在地区", "field.address": "地址",

	"ground.2a": "依据：第2a条，服务合作方需要该信息。",
	"ground.3a": "依据：第3a条，信息主体已事先同意。",
	"ground.3b": "依据：第3b条，该信息为开始履行所必需。",
	"ground.3c": "依据：第3c条，主管机关要求提供。",
	"ground.3d": "依据：第3d条，已对信息主体作出认定。",
	"ground.3e": "依据：第3e条，存在知识产权投诉。",
	"ground.3f": "依据：第3f条，申请方已履行义务。",
	"ground.3g": "依据：第3g条，所援引的其他法律、规则或政策。",

	"state.live":      "可在%[1]s之前再查看1次。=one 可在%[1]s之前再查看%[2]d次。",
	"state.expired":   "授权已结束：期限已于%[1]s届满。如仍需要该信息，请重新申请。",
	"state.used_up":   "授权已结束：查看次数已用完。如仍需要该信息，请重新申请。",
	"state.suspended": "授权已暂停：其所依据的条件不再成立。如仍需要该信息，请待条件恢复后重新申请。",
	"state.revoked":   "授权已被撤销。如仍需要该信息，请重新申请。",

	"obligation.pay": "付款", "obligation.accept": "接受订单", "obligation.ship": "发货",
	"obligation.deliver": "交付", "obligation.hand_over": "当面交接", "obligation.serve": "提供服务",
	"obligation.grant_access": "提供使用", "obligation.give_back": "归还租赁物",
	"obligation.approve_return": "同意退货", "obligation.return": "退回货物", "obligation.refund": "退款",

	"reason.no_performance":         "所依据的履行尚未得到证实",
	"reason.performance_unattested": "所依据的履行已有声明，但尚未由有权证实的一方予以证实",
	"reason.below_floor":            "已履行的部分低于所需的最低限度",
	"reason.not_necessary":          "该目的不需要此信息，或目前尚不需要",
	"reason.transaction_cancelled":  "交易已取消，不再提供任何信息",
	"reason.transaction_closed":     "需要此信息的期限已过",
	"reason.relay_unavailable":      "此信息应通过中转地址或号码提供，而目前没有可用的中转",
	"reason.not_available":          "此信息无法提供",
	"reason.not_held":               "对方未提供此信息",

	"todo.no_performance":         "请在所缺部分履行并得到证实后重新申请。",
	"todo.performance_unattested": "请由平台证实该履行后重新申请。",
	"todo.below_floor":            "请在其余部分履行并得到证实后重新申请。",
	"todo.not_necessary":          "请在没有此信息的情况下继续；如情况有变，请重新申请，或选择适当的目的。",
	"todo.transaction_cancelled":  "如仍有未清事项，请向平台提起争议。",
	"todo.transaction_closed":     "如仍有未清事项，请向平台提起争议。",
	"todo.relay_unavailable":      "请通过平台联系对方。",
	"todo.not_available":          "请通过平台联系对方，或请平台核实处理。",
	"todo.not_held":               "请通过平台请对方补充此信息，然后重新申请。",

	"list.comma": "、", "list.and": "和", "decimal": ".",
	"time":    "%[1]s年%[2]s%[3]s日%[4]s（UTC）",
	"month.1": "1月", "month.2": "2月", "month.3": "3月", "month.4": "4月", "month.5": "5月", "month.6": "6月",
	"month.7": "7月", "month.8": "8月", "month.9": "9月", "month.10": "10月", "month.11": "11月", "month.12": "12月",
}
