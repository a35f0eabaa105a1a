package pages

// RegisterWords are the words of the registration form and of a merchant's public
// page, in one language. What stands beside a field, the tables of
// register_labels.go have.
type RegisterWords struct {
	Lang string

	Title, DoorLead, DoorTitle, LinkWrong, TooMany string

	ChooseLead, Market, MarketHint, Kind, Choose, GoOn, Anew        string
	DraftHeld, DraftLead, DraftOpen, DraftSaved, DraftLink          string
	DraftLinkHint, DraftUntil, Leave, Save, Submit, Another         string
	FormLead, Needed, NeededNote, Public, Private, PublicIf         string
	Law, Laws, LawsNote, LawSince, OneOf, NeededIf, NotGiven, And   string
	WrongTitle, Conflict, NotEchoed, Place, Cleared, LawsLanguage   string
	DoneTitle, DoneLead, Number, State, Doubts, DoubtsLead, NoDoubt string
	Deadline, Asked, ProfileLink                                    string

	// The public page.
	ProfileLead, Since, VerifiedBy, On, Entry, EntryLead, Closing, NoName string
	Approved, NothingShown, Facts, Unverified                             string
}

// RegisterWordsIn are those of a language, English for one that is not there.
func RegisterWordsIn(lang string) RegisterWords {
	switch lang {
	case "pt":
		return registerPortuguese()
	case "zh":
		return registerChinese()
	}
	return registerEnglish()
}

func registerEnglish() RegisterWords {
	return RegisterWords{
		Lang: "en", Title: "Register as a merchant", DoorTitle: "Register as a merchant",
		DoorLead:   "Here you say who sells. The form opens with the link that the marketplace gave you, or with the link of a draft that you have saved.",
		LinkWrong:  "This link was used, is too old, or never was one. Ask the marketplace for a new one.",
		TooMany:    "Too many attempts came from your address. Try again later.",
		ChooseLead: "Which law you fall under decides what has to be given, and what of it everybody may see. You are then asked for exactly that.",
		Market:     "Where do you trade from", MarketHint: "The market whose law you are registered under.", Kind: "What are you", Choose: "Choose one", GoOn: "Go on", Anew: "Choose another market or type",
		DraftHeld: "A draft is kept", DraftLead: "You have begun already. That it is opened is written down.", DraftOpen: "Go on with the draft",
		DraftSaved: "The draft is saved.", DraftLink: "Link to go on later", DraftLinkHint: "Whoever has it can open the draft: keep it to yourself. When you save again there is a new one, and this one opens nothing.",
		DraftUntil: "It opens until", Leave: "Close the form", Save: "Save as a draft", Submit: "Hand in", Another: "Add another one",
		FormLead: "Beside each field it says who will see it, and which law asks for it. What is private is sealed, and is opened only by those who check it.",
		Needed:   "needed", NeededNote: "Fields with this mark have to be filled in.", Public: "Public", Private: "Private", PublicIf: "Public if",
		Law: "Law", Laws: "The laws that are named here", LawsNote: "Their titles are in English.", LawSince: "since", LawsLanguage: "en",
		OneOf: "Not needed if this is given:", NeededIf: "Needed if", NotGiven: "Not given", And: "and",
		WrongTitle: "Nothing has been handed in yet. Something has to be put right:", Conflict: "This has changed meanwhile. Load the page again.",
		NotEchoed: "What you wrote here was not kept, and is not shown again.", Place: "No.", Cleared: "Write it again.",
		DoneTitle: "Your registration has been handed in", DoneLead: "People look at it now. What the law makes public is shown once they have verified it, and nothing before.",
		Number: "Number", State: "State", Doubts: "What a person will look at", DoubtsLead: "None of this is a refusal.", NoDoubt: "The checks found nothing to ask about.",
		Deadline: "By itself this changes on", Asked: "You are asked for", ProfileLink: "What everybody sees of it",
		ProfileLead: "A merchant on this marketplace. The law makes the following public; people have verified it.",
		Since:       "since", VerifiedBy: "Verified", On: "on", Entry: "Entry", EntryLead: "The approval is written down in the ledger:",
		Closing: "This merchant is closing. It does so on", NoName: "A merchant", Approved: "Approved", NothingShown: "The law makes nothing else of this merchant public.",
		Facts: "What is public", Unverified: "as the merchant declared it",
	}
}

func registerPortuguese() RegisterWords {
	return RegisterWords{
		Lang: "pt", Title: "Registrar-se como comerciante", DoorTitle: "Registrar-se como comerciante",
		DoorLead:   "Aqui você diz quem vende. O formulário abre com o link que o marketplace lhe deu, ou com o link de um rascunho que você salvou.",
		LinkWrong:  "Este link já foi usado, é antigo demais ou nunca existiu. Peça um novo ao marketplace.",
		TooMany:    "Houve tentativas demais a partir do seu endereço. Tente de novo mais tarde.",
		ChooseLead: "A lei que se aplica a você decide o que é preciso informar e o que todos poderão ver. Só isso lhe será pedido.",
		Market:     "De onde você vende", MarketHint: "O mercado cuja lei se aplica ao seu registro.", Kind: "O que você é", Choose: "Escolha", GoOn: "Continuar", Anew: "Escolher outro mercado ou tipo",
		DraftHeld: "Há um rascunho", DraftLead: "Você já começou. A abertura do rascunho fica registrada.", DraftOpen: "Continuar o rascunho",
		DraftSaved: "O rascunho foi salvo.", DraftLink: "Link para continuar depois", DraftLinkHint: "Quem o tiver pode abrir o rascunho: não o passe a ninguém. Ao salvar de novo há um novo link, e este já não abre nada.",
		DraftUntil: "Abre até", Leave: "Fechar o formulário", Save: "Salvar como rascunho", Submit: "Enviar", Another: "Acrescentar outro",
		FormLead: "Ao lado de cada campo está quem o verá e qual lei o pede. O que é privado fica lacrado e só é aberto por quem o verifica.",
		Needed:   "obrigatório", NeededNote: "Os campos com esta marca precisam ser preenchidos.", Public: "Público", Private: "Privado", PublicIf: "Público se",
		Law: "Lei", Laws: "As leis citadas aqui", LawsNote: "Os títulos estão em inglês.", LawSince: "desde", LawsLanguage: "en",
		OneOf: "Dispensável se for informado:", NeededIf: "Obrigatório se", NotGiven: "Não informado", And: "e",
		WrongTitle: "Ainda nada foi enviado. Há algo a corrigir:", Conflict: "Isto mudou entretanto. Carregue a página de novo.",
		NotEchoed: "O que você escreveu aqui não foi guardado e não é mostrado de novo.", Place: "N.º", Cleared: "Escreva de novo.",
		DoneTitle: "O seu registro foi enviado", DoneLead: "Agora pessoas o examinam. O que a lei torna público só aparece depois de verificado.",
		Number: "Número", State: "Situação", Doubts: "O que uma pessoa vai examinar", DoubtsLead: "Nada disto é uma recusa.", NoDoubt: "As verificações não encontraram nada a perguntar.",
		Deadline: "Isto muda por si em", Asked: "Pede-se a você", ProfileLink: "O que todos veem dele",
		ProfileLead: "Um comerciante deste marketplace. A lei torna público o seguinte; pessoas o verificaram.",
		Since:       "desde", VerifiedBy: "Verificado", On: "em", Entry: "Registro", EntryLead: "A aprovação está inscrita no livro de registros:",
		Closing: "Este comerciante está encerrando. Encerra em", NoName: "Um comerciante", Approved: "Aprovado", NothingShown: "A lei não torna público mais nada deste comerciante.",
		Facts: "O que é público", Unverified: "conforme declarado pelo comerciante",
	}
}

func registerChinese() RegisterWords {
	return RegisterWords{
		Lang: "zh", Title: "商户登记", DoorTitle: "商户登记",
		DoorLead:   "请在此说明由谁销售。请使用平台提供的链接，或您所保存草稿的链接打开表单。",
		LinkWrong:  "此链接已被使用、已过期或从未存在。请向平台索取新的链接。",
		TooMany:    "来自您地址的尝试过多，请稍后再试。",
		ChooseLead: "您适用的法律决定需要提供哪些信息，以及其中哪些向所有人公开。我们只会询问这些内容。",
		Market:     "您的经营所在地", MarketHint: "您登记所依据的法律所属市场。", Kind: "您的主体类型", Choose: "请选择", GoOn: "继续", Anew: "重新选择市场或类型",
		DraftHeld: "已有草稿", DraftLead: "您已经开始填写。打开草稿会被记录。", DraftOpen: "继续填写草稿",
		DraftSaved: "草稿已保存。", DraftLink: "以后继续填写的链接", DraftLinkHint: "持有此链接的人都能打开草稿，请勿转交他人。再次保存后会有新的链接，此链接即失效。",
		DraftUntil: "有效期至", Leave: "关闭表单", Save: "保存草稿", Submit: "提交", Another: "再添加一项",
		FormLead: "每个字段旁均注明谁可以看到，以及哪部法律要求提供。非公开信息会被密封，仅由核验人员打开。",
		Needed:   "必填", NeededNote: "带此标记的字段必须填写。", Public: "公开", Private: "不公开", PublicIf: "公开条件：",
		Law: "法律", Laws: "此处引用的法律", LawsNote: "标题为英文。", LawSince: "自", LawsLanguage: "en",
		OneOf: "如已填写以下项则无需填写：", NeededIf: "在以下情况必填：", NotGiven: "未提供", And: "且",
		WrongTitle: "尚未提交。以下内容需要更正：", Conflict: "内容已有变化，请重新载入页面。",
		NotEchoed: "您在此填写的内容未被保留，也不会再次显示。", Place: "第", Cleared: "请重新填写。",
		DoneTitle: "您的登记已提交", DoneLead: "现由工作人员审核。法律要求公开的信息在核验后才会公示。",
		Number: "编号", State: "状态", Doubts: "将由人工核对的内容", DoubtsLead: "这些都不是拒绝。", NoDoubt: "核查未发现需要询问之处。",
		Deadline: "状态将自动变更于", Asked: "需要您提供", ProfileLink: "所有人可见的内容",
		ProfileLead: "本平台的商户。以下信息依法公开，并经人工核验。",
		Since:       "自", VerifiedBy: "核验", On: "于", Entry: "条目", EntryLead: "审核通过已记入账本：",
		Closing: "该商户即将终止经营，日期为", NoName: "商户", Approved: "通过时间", NothingShown: "法律未要求公开该商户的其他信息。",
		Facts: "公开信息", Unverified: "由商户自行声明",
	}
}
