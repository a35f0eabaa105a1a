package pages

// wordRow is a code of the packs, in the languages of the pages.
type wordRow struct{ code, en, pt, zh string }

func (r wordRow) in(lang string) string {
	switch lang {
	case "pt":
		return r.pt
	case "zh":
		return r.zh
	}
	return r.en
}

func find(rows []wordRow, code, lang string) (string, bool) {
	for _, r := range rows {
		if r.code == code {
			return r.in(lang), true
		}
	}
	return code, false
}

// Label is what a field of a pack is called.
func (w RegisterWords) Label(key string) string { s, _ := find(labelRows(), key, w.Lang); return s }

// Named is a value of one of the packs' lists in words: a type, a kind, a market.
func (w RegisterWords) Named(list, code string) string {
	s, ok := find(valueRows(), list+"."+code, w.Lang)
	if !ok {
		return code
	}
	return s
}

// Condition is what a pack makes something depend on.
func (w RegisterWords) Condition(name string) string {
	s, _ := find(conditionRows(), name, w.Lang)
	return s
}

// Says is a code as a sentence; in a language that has none for it, the English one.
func (w RegisterWords) Says(code, english string) string {
	if s, ok := find(codeRows(), code, w.Lang); ok && s != "" {
		return s
	}
	return english
}

// Speaks says whether a code has a sentence in this language.
func (w RegisterWords) Speaks(code string) bool { _, ok := find(codeRows(), code, w.Lang); return ok }

func labelRows() []wordRow {
	return []wordRow{
		{"business", "The business", "O negócio", "经营主体"},
		{"registration", "Its registration", "O registro", "登记信息"},
		{"representative_of", "Who represents it", "Quem o representa", "代表人"},
		{"contact", "How it is reached", "Como se entra em contato", "联系方式"},
		{"address", "Its address", "O endereço", "地址"},
		{"payout", "Where it is paid", "Onde recebe", "收款账户"},
		{"tax", "Tax numbers", "Números fiscais", "税号"},
		{"numbers", "Other numbers", "Outros números", "其他编号"},
		{"certificates", "Permits and certificates", "Licenças e certificados", "许可与证书"},
		{"certifications", "What you certify", "O que você declara", "声明事项"},
		{"certifications_of", "What it certifies", "O que declara", "声明事项"},
		{"country_hint", "Two letters, like DE.", "Duas letras, como DE.", "两位字母，例如 DE。"},
		{"certification", "Certified", "Declarado", "声明"},
		{"type", "Type", "Tipo", "类型"},
		{"legal_name", "Legal name", "Nome legal", "法定名称"},
		{"trade_name", "Trade name", "Nome comercial", "商号"},
		{"registration_kind", "Kind of number", "Tipo de número", "编号类型"},
		{"registration_country", "Country of the register", "País do registro", "登记机关所在国家"},
		{"register", "Register", "Órgão de registro", "登记机关"},
		{"registration_number", "Registration number", "Número de registro", "登记编号"},
		{"exemption", "Why no registration is needed", "Por que não é preciso registro", "免于登记的原因"},
		{"representative", "Name of the representative", "Nome do representante", "代表人姓名"},
		{"id_kind", "Kind of document", "Tipo de documento", "证件类型"},
		{"id_number", "Number of the document", "Número do documento", "证件号码"},
		{"birth_date", "Date of birth", "Data de nascimento", "出生日期"},
		{"email", "E-mail address", "E-mail", "电子邮箱"},
		{"phone", "Phone number", "Telefone", "电话号码"},
		{"message_url", "Page for messages", "Página para mensagens", "留言页面"},
		{"street", "Street and number", "Rua e número", "街道门牌"},
		{"city", "City", "Cidade", "城市"},
		{"region", "State or province", "Estado ou província", "省或州"},
		{"postal_code", "Postal code", "Código postal", "邮政编码"},
		{"country", "Country", "País", "国家"},
		{"residential", "This is somebody’s home", "É a residência de alguém", "这是住宅地址"},
		{"iban", "IBAN", "IBAN", "IBAN"},
		{"account", "Account number", "Número da conta", "账号"},
		{"payee", "Name of the account’s holder", "Titular da conta", "账户持有人"},
		{"tax_kind", "Kind of tax number", "Tipo de número fiscal", "税号类型"},
		{"tax_country", "Country of the tax number", "País do número fiscal", "税号所属国家"},
		{"tax_number", "Tax number", "Número fiscal", "税号"},
		{"lei", "LEI", "LEI", "全球法人识别编码（LEI）"},
		{"eori", "EORI number", "Número EORI", "EORI 号码"},
		{"gln", "GLN", "GLN", "全球位置码（GLN）"},
		{"certificate_kind", "What it permits", "O que permite", "许可内容"},
		{"certificate_number", "Number of the permit", "Número da licença", "许可编号"},
		{"certificate_issuer", "Issued by", "Emitido por", "签发机关"},
		{"certificate_expires", "Valid until", "Válido até", "有效期至"},
	}
}

func valueRows() []wordRow { return append(append(givenRows(), lifeRows()...), statusRows()...) }

// givenRows are what a merchant chooses from.
func givenRows() []wordRow {
	return []wordRow{
		{"market.CN", "China", "China", "中国"},
		{"market.EU", "European Union", "União Europeia", "欧盟"},
		{"market.US", "United States", "Estados Unidos", "美国"},
		{"market.UK", "United Kingdom", "Reino Unido", "英国"},
		{"type.company", "A company", "Uma empresa", "公司"},
		{"type.sole_trader", "A sole trader", "Empresário individual", "个体工商户"},
		{"type.exempt", "A person who needs no registration", "Uma pessoa que não precisa de registro", "无需登记的个人"},
		{"registration_kind.register", "Number of a register", "Número de um registro", "登记机关编号"},
		{"registration_kind.company_number", "Company number", "Número da empresa", "公司编号"},
		{"registration_kind.uscc", "Unified social credit code", "Código unificado de crédito social", "统一社会信用代码"},
		{"registration_kind.lei", "LEI", "LEI", "全球法人识别编码（LEI）"},
		{"exemption.own_farm_goods", "Own farm goods", "Produtos agrícolas próprios", "销售自产农副产品"},
		{"exemption.household_crafts", "Household crafts", "Artesanato doméstico", "家庭手工业产品"},
		{"exemption.petty_labour", "Small services", "Pequenos serviços", "便民劳务活动"},
		{"exemption.sporadic_small_deals", "A few small sales", "Poucas vendas pequenas", "零星小额交易"},
		{"id_kind.ric", "Chinese resident identity card", "Carteira de identidade chinesa", "居民身份证"},
		{"id_kind.passport", "Passport", "Passaporte", "护照"},
		{"id_kind.identity_card", "Identity card", "Carteira de identidade", "身份证件"},
		{"id_kind.driving_licence", "Driving licence", "Carteira de motorista", "驾驶证"},
		{"id_kind.electronic", "Electronic identification", "Identificação eletrônica", "电子身份"},
		{"tax_kind.vat", "VAT number", "Número de IVA", "增值税号（VAT）"},
		{"tax_kind.ein", "EIN", "EIN", "雇主识别号（EIN）"},
		{"tax_kind.eori", "EORI number", "Número EORI", "EORI 号码"},
		{"tax_kind.tin", "Taxpayer’s number", "Número de contribuinte", "纳税人识别号"},
		{"tax_kind.other", "Another one", "Outro", "其他"},
		{"certify.lawful_goods", "I offer only goods and services that are lawful where I offer them.", "Ofereço só bens e serviços que são lícitos onde os ofereço.", "我仅提供在销售地合法的商品和服务。"},
		{"certify.accurate", "All of this is accurate.", "Tudo isto é exato.", "以上信息均真实准确。"},
		{"certify.no_business_address", "I have no other address than my home.", "Não tenho outro endereço além da minha residência.", "除住宅外，我没有其他地址。"},
		{"certify.personal_phone_only", "I have no other phone than a personal one.", "Não tenho outro telefone além do pessoal.", "除私人电话外，我没有其他电话。"},
		{"certify.publish_phone", "My phone number may be shown.", "O meu telefone pode ser mostrado.", "可以公开我的电话号码。"},
		{"certify.publish_identifiers", "LEI, EORI and GLN may be shown.", "LEI, EORI e GLN podem ser mostrados.", "可以公开 LEI、EORI 和 GLN。"},
		{"certify.regulated", "My trade is a regulated one.", "A minha atividade é regulamentada.", "我的行业受监管。"},
		{"certified.lawful_goods", "Offers only goods and services that are lawful where it offers them.", "Oferece só bens e serviços lícitos onde os oferece.", "仅提供在销售地合法的商品和服务。"},
		{"certified.no_business_address", "Has no other address than a home, which is not shown.", "Não tem outro endereço além da residência, que não é mostrada.", "除住宅外没有其他地址；住宅地址不予公开。"},
	}
}

// lifeRows are what becomes of a registration.
func lifeRows() []wordRow {
	return []wordRow{
		{"state.draft", "draft", "rascunho", "草稿"},
		{"state.in_review", "in review", "em exame", "审核中"},
		{"state.needs_info", "waits for information", "aguarda informações", "等待补充信息"},
		{"state.proposed", "in review", "em exame", "审核中"},
		{"state.active", "active", "ativo", "有效"},
		{"state.rejected", "rejected", "rejeitado", "未通过"},
		{"state.appealed", "appealed", "em recurso", "申诉中"},
		{"state.threshold_due", "more is due by law", "falta algo exigido por lei", "依法需补充信息"},
		{"state.reverify_due", "to be verified again", "a verificar de novo", "需重新核验"},
		{"state.suspended", "suspended", "suspenso", "已暂停"}, //nolint:misspell // Portuguese
		{"state.lapsed", "lapsed", "caducado", "已失效"},
		{"state.closing", "closing", "em encerramento", "即将终止"},
		{"state.closed", "closed", "encerrado", "已终止"},
		{"state.erased", "erased", "apagado", "已删除"},
		{"question.document_missing", "a document that is missing", "um documento que falta", "缺少的文件"},
		{"question.document_unclear", "a document that can be read", "um documento legível", "清晰可读的文件"},
		{"question.number_differs", "the number: it differs from the document", "o número: difere do documento", "编号：与文件不一致"},
		{"question.name_differs", "the name: it differs from the document", "o nome: difere do documento", "名称：与文件不一致"},
		{"question.address_differs", "the address: it differs from the document", "o endereço: difere do documento", "地址：与文件不一致"},
		{"question.authority_unclear", "proof that you may act for the business", "prova de que pode agir pelo negócio", "有权代表该主体的证明"},
		{"question.other", "something else: ask the marketplace", "outra coisa: pergunte ao marketplace", "其他内容：请咨询平台"},
		{"source.company_register", "in the company register", "no registro de empresas", "通过企业登记机关"},
		{"source.tax_authority", "with the tax authority", "junto à autoridade fiscal", "通过税务机关"},
		{"source.document", "by a document", "por um documento", "通过文件"},
		{"source.gleif", "in the register of LEIs", "no registro de LEIs", "通过 LEI 登记库"},
		{"source.bank", "with the bank", "junto ao banco", "通过银行"},
		{"source.merchant", "with the merchant", "junto ao comerciante", "通过商户"},
		{"source.other", "by another source", "por outra fonte", "通过其他来源"},
		{"method.looked_up", "looked up", "consultado", "查询"},
		{"method.compared", "compared", "comparado", "比对"},
		{"method.contacted", "contacted", "contatado", "联系"},
		{"method.declared", "declared", "declarado", "声明"},
	}
}

func conditionRows() []wordRow {
	return []wordRow{
		{"residential", "the address is somebody’s home", "o endereço é a residência de alguém", "地址为住宅"},
		{"!residential", "the address is nobody’s home", "o endereço não é a residência de ninguém", "地址不是住宅"},
		{"natural_person", "you are a person", "você é uma pessoa física", "您是自然人"},
		{"!natural_person", "you are a company", "você é uma empresa", "您是公司"},
		{"exempt", "you need no registration", "você não precisa de registro", "您无需登记"},
		{"!exempt", "you need a registration", "você precisa de registro", "您需要登记"},
		{"trade_name", "you trade under another name", "você vende com outro nome", "您使用商号经营"},
		{"!trade_name", "you trade under your own name", "você vende com o próprio nome", "您以本名经营"},
		{"registered", "a registration number is given", "há um número de registro", "已填写登记编号"},
		{"!registered", "no registration number is given", "não há número de registro", "未填写登记编号"},
		{"vat_activity", "a VAT number is given", "há um número de IVA", "已填写增值税号"},
		{"!vat_activity", "no VAT number is given", "não há número de IVA", "未填写增值税号"},
		{"high_volume", "you sell much: 200 sales and 5,000 dollars in a year", "você vende muito: 200 vendas e 5.000 dólares num ano", "一年内达到 200 笔且 5,000 美元的销售"},
		{"!high_volume", "you sell little", "você vende pouco", "销售量较小"},
		{"turnover_20k", "you sell much, and for 20,000 dollars in a year", "você vende muito, e por 20.000 dólares num ano", "销售量大且一年内达到 20,000 美元"},
		{"!turnover_20k", "you sell for less than 20,000 dollars in a year", "você vende por menos de 20.000 dólares num ano", "一年内销售不足 20,000 美元"},
		{"no_business_address", "you have no other address than your home", "você não tem outro endereço além da residência", "除住宅外没有其他地址"},
		{"!no_business_address", "you have another address than your home", "você tem outro endereço além da residência", "除住宅外还有其他地址"},
		{"personal_phone_only", "you have no other phone than a personal one", "você só tem telefone pessoal", "只有私人电话"},
		{"!personal_phone_only", "it is not your only, personal phone", "não é o seu único telefone, pessoal", "并非仅有的私人电话"},
		{"publish_phone", "you ask for it below", "você o pede abaixo", "您在下方提出要求"},
		{"!publish_phone", "you do not ask for it", "você não o pede", "您未提出要求"},
		{"publish_identifiers", "you ask for it below", "você o pede abaixo", "您在下方提出要求"},
		{"!publish_identifiers", "you do not ask for it", "você não o pede", "您未提出要求"},
		{"regulated", "your trade is a regulated one", "a sua atividade é regulamentada", "您的行业受监管"},
		{"!regulated", "your trade is not a regulated one", "a sua atividade não é regulamentada", "您的行业不受监管"},
	}
}
