package pages

// Choice is one thing to choose, and its code.
type Choice struct{ Code, Text string }

// SubjectWords are the words of a party's own page in one language. What depends
// on a decision is said by the package plain.
type SubjectWords struct {
	Lang, Title, Skip, Error, Language, Stop, Semicolon, Comma, Colon, Gap string

	DoorLead, Code, CodeHint, Open, LinkWrong, TooMany, FormWrong string

	YouAre, Ends, SignOut                                                       string
	Held, HeldNote, NothingHeld, Export, ExportNote                             string
	Consents, NoConsents, MayGet, GivenOn, Until, Withdraw, WithdrawNote        string
	Told, ToldNote, NobodyAsked, AskedBy, Seen, NotSeen, WithOpenings, YourSide string
	Object, ObjectNote, Why, SendObjection, Objected, Older, Newest             string
	DoneObjected, DoneWithdrawn, FirstName, Name, Email, Phone, Address         string
	StateLive, StateWaiting, StateRefused, StateEnded, StateHeld, NotPossible   string

	Reasons []Choice

	// What one of the operator's staff opened, in whose role and for what.
	ByStaff                              string
	InCases, InCasesNote, InCase, InDeal string
	GlassReviews                         []Choice // what came of the review of an emergency
	StaffRoles, StaffPurposes, NoteSides []Choice
}

// Reason is a code of an objection in words.
func (w SubjectWords) Reason(code string) string { return w.Named(w.Reasons, code) }

// Named is a code of a list in words.
func (w SubjectWords) Named(list []Choice, code string) string {
	for _, c := range list {
		if c.Code == code {
			return c.Text
		}
	}
	return code
}

// SubjectWordsIn are those of a language, English for one that is not there.
func SubjectWordsIn(lang string) SubjectWords {
	switch lang {
	case "pt":
		return subjectPortuguese()
	case "zh":
		return subjectChinese()
	}
	return subjectEnglish()
}

func subjectEnglish() SubjectWords {
	return SubjectWords{
		Lang: "en", Title: "Your data", Skip: "Skip to the content", Error: "Error", Language: "Language", Stop: ".", Semicolon: "; ", Comma: ", ", Colon: ": ", Gap: " ",
		DoorLead: "This page shows who asked for your contact data, who got or saw it, and why. It opens with the link that the marketplace sent you: once, and within 15 minutes.",
		Code:     "Code from the link", CodeHint: "What stands behind the # in the link’s address. You can also paste the whole link.", Open: "Open the page",
		LinkWrong: "This link was used, is older than 15 minutes, or never was one. Ask the marketplace for a new one.",
		TooMany:   "Too many attempts came from your address. Try again later.", FormWrong: "Paste the code or the whole link.",
		YouAre: "You are", Ends: "This page stays open until", SignOut: "Close the page",
		Held: "What is held of you", HeldNote: "In part only, in case somebody looks over your shoulder. The download has all of it in clear.",
		NothingHeld: "No contact data.", Export: "Download everything", ExportNote: "A file in JSON: your data, your permissions, who asked, got or saw what, and your transactions. That it was downloaded is written down.",
		Consents: "What you permit", NoConsents: "You have given no permission that is in force.", MayGet: "may get", GivenOn: "Given on", Until: "until",
		Withdraw: "Withdraw", WithdrawNote: "If you withdraw a permission, whatever was granted on it ends at once.",
		Told: "Who asked for your data, and what came of it", ToldNote: "The newest first. Others are named by their number with the marketplace.", NobodyAsked: "Nobody has asked for your data.",
		AskedBy: "Asked for by", Seen: "Looked at", NotSeen: "Nobody has looked at a value.", WithOpenings: "(taken with proof for others)", YourSide: "In this transaction you are",
		Object: "Object", ObjectNote: "If it is about your safety, every grant that the other side has about you is suspended at once, and people decide what it asks for next. Otherwise a person looks at it. The other side is not told that you object.", Why: "Why do you object?",
		SendObjection: "Send the objection", Objected: "You objected", Older: "Earlier ones", Newest: "Back to the newest",
		DoneObjected: "Your objection has been written down.", DoneWithdrawn: "You no longer permit that.",
		FirstName: "First name", Name: "Name", Email: "E-mail address", Phone: "Phone number", Address: "Address",
		StateLive: "may be looked at", StateWaiting: "being decided", StateRefused: "refused", StateEnded: "over", StateHeld: "suspended",
		NotPossible: "That is not possible any more: it has changed meanwhile.",
		Reasons: []Choice{
			{"safety", "It endangers me"},
			{"not_necessary", "It is not necessary"},
			{"other_way", "There is another way"},
			{"done_already", "It has been done already"},
			{"other", "Another reason"},
		},
		ByStaff:       "Opened by the operator’s staff:",
		StaffRoles:    []Choice{{"handler", "a handler"}, {"lead", "a lead"}, {"privacy_officer", "a privacy officer"}},
		InCases:       "Who saw your data to decide a dispute, or in an emergency",
		InCasesNote:   "Each moment at which one of the operator’s staff opened data of yours in a dispute or in an emergency.",
		InCase:        "dispute",
		InDeal:        "transaction",
		GlassReviews:  []Choice{{"", "not reviewed yet"}, {"justified", "reviewed: it was justified"}, {"not_justified", "reviewed: it was not justified"}, {"needs_follow_up", "reviewed: it is being followed up"}},
		StaffPurposes: []Choice{{"decide_request", "to decide on the request"}, {"decide_objection", "to look at your objection"}, {"decide_appeal", "to decide on an appeal"}, {"decide_case", "to decide a dispute"}, {"break_glass", "in an emergency"}},
		NoteSides:     []Choice{{"requester", "what the requester wrote"}, {"subject", "what you wrote"}},
	}
}

func subjectPortuguese() SubjectWords {
	return SubjectWords{
		Lang: "pt", Title: "Os seus dados", Skip: "Ir para o conteúdo", Error: "Erro", Language: "Idioma", Stop: ".", Semicolon: "; ", Comma: ", ", Colon: ": ", Gap: " ",
		DoorLead: "Esta página mostra quem pediu os seus dados de contato, quem os recebeu ou viu, e por quê. Ela abre com o link que o marketplace enviou: uma só vez, dentro de 15 minutos.",
		Code:     "Código do link", CodeHint: "O que vem depois do # no endereço do link. Também é possível colar o link inteiro.", Open: "Abrir a página",
		LinkWrong: "Este link já foi usado, tem mais de 15 minutos ou nunca existiu. Peça um novo ao marketplace.",
		TooMany:   "Houve tentativas demais a partir do seu endereço. Tente de novo mais tarde.", FormWrong: "Cole o código ou o link inteiro.",
		YouAre: "Identificação:", Ends: "Esta página fica aberta até", SignOut: "Fechar a página",
		Held: "O que guardamos a seu respeito", HeldNote: "Só em parte, caso alguém esteja olhando. O arquivo traz tudo por extenso.",
		NothingHeld: "Nenhum dado de contato.", Export: "Baixar tudo", ExportNote: "Um arquivo em JSON: os seus dados, as suas permissões, quem pediu, recebeu ou viu o quê, e as suas transações. O download fica registrado.",
		Consents: "O que você permite", NoConsents: "Não há nenhuma permissão sua em vigor.", MayGet: "pode receber", GivenOn: "Dada em", Until: "até",
		Withdraw: "Retirar", WithdrawNote: "Ao retirar uma permissão, o que foi autorizado com base nela acaba imediatamente.",
		Told: "Quem pediu os seus dados, e o que resultou disso", ToldNote: "Os mais recentes primeiro. As outras pessoas aparecem pelo número que têm no marketplace.", NobodyAsked: "Ninguém pediu os seus dados.",
		AskedBy: "Pedido por", Seen: "Visto em", NotSeen: "Ninguém viu nenhum dado.", WithOpenings: "(levado com prova para terceiros)", YourSide: "Nesta transação, a sua parte é:",
		Object: "Fazer objeção", ObjectNote: "Se for pela sua segurança, todas as autorizações da outra parte sobre você são suspensas imediatamente, e o que ela pedir depois é decidido por pessoas. Nos outros casos, uma pessoa avalia. A outra parte não é informada da sua objeção.", Why: "Por que motivo?",
		SendObjection: "Enviar a objeção", Objected: "Você fez objeção", Older: "Anteriores", Newest: "Voltar aos mais recentes",
		DoneObjected: "A sua objeção foi registrada.", DoneWithdrawn: "Você já não permite isso.",
		FirstName: "Primeiro nome", Name: "Nome", Email: "E-mail", Phone: "Telefone", Address: "Endereço",
		StateLive: "pode ser visto", StateWaiting: "em decisão", StateRefused: "recusado", StateEnded: "encerrado", StateHeld: "suspenso", //nolint:misspell // Portuguese
		NotPossible: "Isso já não é possível: a situação mudou entretanto.",
		Reasons: []Choice{
			{"safety", "Põe-me em perigo"},
			{"not_necessary", "Não é necessário"},
			{"other_way", "Há outra maneira"},
			{"done_already", "Já foi feito"},
			{"other", "Outro motivo"},
		},
		ByStaff:       "Aberto pela equipe do operador:",
		StaffRoles:    []Choice{{"handler", "um atendente"}, {"lead", "um coordenador"}, {"privacy_officer", "um encarregado da proteção de dados"}},
		StaffPurposes: []Choice{{"decide_request", "para decidir sobre o pedido"}, {"decide_objection", "para examinar a sua objeção"}, {"decide_appeal", "para decidir sobre um recurso"}, {"decide_case", "para decidir uma disputa"}, {"break_glass", "em uma emergência"}},
		InCases:       "Quem viu os seus dados para decidir uma disputa ou em uma emergência",
		InCasesNote:   "Cada vez que alguém da equipe do operador abriu dados seus em uma disputa ou em uma emergência.",
		InCase:        "disputa",
		InDeal:        "transação",
		GlassReviews:  []Choice{{"", "ainda não revisto"}, {"justified", "revisto: foi justificado"}, {"not_justified", "revisto: não foi justificado"}, {"needs_follow_up", "revisto: está em averiguação"}},
		NoteSides:     []Choice{{"requester", "o que escreveu quem pediu"}, {"subject", "o que você escreveu"}},
	}
}

func subjectChinese() SubjectWords {
	return SubjectWords{
		Lang: "zh", Title: "您的信息", Skip: "跳到正文", Error: "错误", Language: "语言", Stop: "。", Semicolon: "；", Comma: "，", Colon: "：",
		DoorLead: "本页显示谁申请过您的联系信息、谁获得或查看过，以及原因。请使用平台发送给您的链接打开：仅可使用一次，15分钟内有效。",
		Code:     "链接中的代码", CodeHint: "链接地址中 # 之后的部分。也可以粘贴整个链接。", Open: "打开页面",
		LinkWrong: "此链接已被使用、已超过15分钟，或从未存在。请向平台索取新的链接。",
		TooMany:   "来自您所在地址的尝试过多，请稍后再试。", FormWrong: "请粘贴代码或整个链接。",
		YouAre: "您的编号：", Ends: "本页开放至", SignOut: "关闭页面",
		Held: "我们保存的您的信息", HeldNote: "为防旁人看到，此处仅部分显示。下载的文件中包含完整内容。",
		NothingHeld: "没有联系信息。", Export: "下载全部内容", ExportNote: "JSON 格式的文件：您的信息、您的许可、谁申请、获得或查看了什么，以及您的交易。下载行为会被记录。",
		Consents: "您许可的事项", NoConsents: "您目前没有生效的许可。", MayGet: "可获得", GivenOn: "许可日期：", Until: "有效期至",
		Withdraw: "撤回", WithdrawNote: "撤回许可后，基于该许可的授权将立即结束。",
		Told: "谁申请了您的信息，结果如何", ToldNote: "最新的在前。其他人以其在平台的编号显示。", NobodyAsked: "没有人申请过您的信息。",
		AskedBy: "申请方：", Seen: "查看时间：", NotSeen: "没有人查看过任何信息。", WithOpenings: "（并取得可向他人出示的证明）", YourSide: "在此交易中您是",
		Object: "提出异议", ObjectNote: "如涉及您的安全，对方获得的有关您的全部授权将立即暂停，其之后的请求由工作人员决定；其他情况由工作人员审核。对方不会被告知您提出了异议。", Why: "您为什么提出异议？",
		SendObjection: "提交异议", Objected: "您已提出异议", Older: "更早的记录", Newest: "返回最新记录",
		DoneObjected: "您的异议已记录。", DoneWithdrawn: "您已撤回该许可。",
		FirstName: "名字", Name: "姓名", Email: "电子邮箱", Phone: "电话号码", Address: "地址",
		StateLive: "可查看", StateWaiting: "审核中", StateRefused: "已拒绝", StateEnded: "已结束", StateHeld: "已暂停",
		NotPossible: "情况已发生变化，无法再进行此操作。",
		Reasons: []Choice{
			{"safety", "危及我的安全"},
			{"not_necessary", "没有必要"},
			{"other_way", "有其他方式"},
			{"done_already", "已经完成"},
			{"other", "其他原因"},
		},
		ByStaff:       "运营方工作人员查看过：",
		StaffRoles:    []Choice{{"handler", "处理人员"}, {"lead", "主管"}, {"privacy_officer", "隐私负责人"}},
		StaffPurposes: []Choice{{"decide_request", "用于对该请求作出决定"}, {"decide_objection", "用于审核您的异议"}, {"decide_appeal", "用于对申诉作出决定"}, {"decide_case", "用于裁决纠纷"}, {"break_glass", "因紧急情况"}},
		InCases:       "谁为裁决纠纷或因紧急情况查看过您的数据",
		InCasesNote:   "运营方工作人员在纠纷中或因紧急情况每一次打开您数据的时间。",
		InCase:        "纠纷",
		InDeal:        "交易",
		GlassReviews:  []Choice{{"", "尚未复核"}, {"justified", "复核结论：理由成立"}, {"not_justified", "复核结论：理由不成立"}, {"needs_follow_up", "复核结论：需进一步跟进"}},
		NoteSides:     []Choice{{"requester", "请求方所写的内容"}, {"subject", "您所写的内容"}},
	}
}
