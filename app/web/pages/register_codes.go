package pages

import "slices"

// codeRows are what a check says of a field. The English sentences are those of
// the packages that check, and are given by whoever asks.
func codeRows() []wordRow { return slices.Concat(packCodes(), numberCodes(), formCodes()) }

func packCodes() []wordRow {
	return []wordRow{
		{code: "required", pt: "A lei deste mercado exige isto.", zh: "该市场的法律要求提供此项。"},
		{code: "personal_id_in_public_field", pt: "Este é o número de uma pessoa, e o campo é público: não foi guardado.", zh: "这是个人证件号码，而该字段是公开的：内容未被保留。"},
		{code: "not_asked", pt: "Ninguém pede isto: fica privado, e uma pessoa o examina.", zh: "无需提供此项：不会公开，并由人工核对。"},
		{code: "too_many", pt: "São mais do que alguém precisa.", zh: "数量超过需要。"},
		{code: "unknown_member", pt: "Um registro não tem este campo.", zh: "登记中没有此项。"},
		{code: "certification_missing", pt: "Falta uma declaração.", zh: "缺少一项声明。"},
		{code: "certification_unknown", pt: "Esta declaração não existe para este tipo.", zh: "该类型商户没有此项声明。"},
		{code: "jurisdiction_unsupported", pt: "Isto é de outro mercado.", zh: "属于其他市场。"},
		{code: "residential_withheld", pt: "A residência de alguém não é mostrada: informe um endereço comercial ou declare que não há nenhum.", zh: "住宅地址不会公开：请提供经营地址，或声明没有经营地址。"},
		{code: "residential_certified", pt: "Do endereço só se mostram país e estado ou província, depois que uma segunda pessoa concordar.", zh: "仅在第二人确认后公开国家和省或州。"},
		{code: "maybe_personal", pt: "Nada diz se o número é de uma pessoa: fica privado.", zh: "无法判断是否为个人号码：不予公开。"},
		{code: "personal_shape", pt: "Tem a forma do número de uma pessoa: será comparado.", zh: "形式与个人号码相同：将予比对。"},
		{code: "not_one_of", pt: "Não é nenhum dos valores possíveis.", zh: "不是可选的值。"},
		{code: "not_a_name", pt: "Um nome tem ao menos uma letra.", zh: "名称中须含有文字。"},
		{code: "contact_in_name", pt: "Há nele algo além de um nome.", zh: "其中含有名称以外的内容。"},
		{code: "not_a_date", pt: "Informe um dia que existe, como 2026-03-04.", zh: "请填写存在的日期，例如 2026-03-04。"},
		{code: "not_a_url", pt: "Informe um endereço que comece com https://.", zh: "请填写以 https:// 开头的网址。"},
		{code: "region_shape", pt: "De uma residência só se mostram país e estado ou província, e aqui há mais: um número, a rua ou a cidade. Será comparado.", zh: "住宅仅公开国家和省或州，此处另有号码、街道或城市：将予比对。"},
		{code: "postal_code_shape", pt: "Os códigos postais deste país são diferentes: será comparado.", zh: "该国邮政编码的格式不同：将予比对。"},
		{code: "register_shape", pt: "Os números deste registro são diferentes: será consultado.", zh: "该登记机关的编号格式不同：将予查询。"},
		{code: "register_unsupported", pt: "Os números dos registros deste país não são verificados: será consultado.", zh: "该国登记编号无法自动核验：将予查询。"},
		{code: "mixed_scripts", pt: "Há letras parecidas de duas escritas: será comparado com o documento.", zh: "混有两种文字的相似字母：将与文件比对。"},
		{code: "foreign_digits", pt: "Alguns algarismos são de outra escrita: será comparado com o documento.", zh: "部分数字属于其他文字：将与文件比对。"},
		{code: "rare_script", pt: "Há letras de uma escrita que quase ninguém usa e que se parecem com outras: será comparado com o documento.", zh: "含有今已少用、形似其他字母的文字：将与文件比对。"},
		{code: "invisible", pt: "Há caracteres que não se veem.", zh: "含有不可见字符。"},
		{code: "needs_review", en: "A person looks at this.", pt: "Uma pessoa examina isto.", zh: "由人工核对。"},
		{code: "blank", pt: "Isto está vazio.", zh: "内容为空。"},
		{code: "too_long", pt: "É longo demais.", zh: "内容过长。"},
		{code: "not_utf8", pt: "O texto não é UTF-8.", zh: "文本不是 UTF-8。"},
		{code: "control_character", pt: "Há caracteres de controle.", zh: "含有控制字符。"},
		{code: "bidi_control", pt: "Há caracteres que invertem o texto.", zh: "含有改变文字方向的字符。"},
		{code: "not_an_email", pt: "Isto não é um e-mail.", zh: "不是有效的电子邮箱。"},
		{code: "not_a_phone", pt: "Isto não é um telefone; escreva também o código do país.", zh: "不是有效的电话号码，请同时填写国家代码。"},
		{code: "not_a_country", pt: "Informe as duas letras de um país, como DE.", zh: "请填写国家的两位字母代码，例如 DE。"},
	}
}

func numberCodes() []wordRow {
	return append([]wordRow{
		{code: "empty", pt: "Falta o número.", zh: "未填写号码。"},
		{code: "full_width", pt: "Alguns caracteres são de largura inteira; nos comuns, o número está certo: será comparado.", zh: "含有全角字符；换成半角后号码正确：将予比对。"},
		{code: "look_alike", pt: "Alguns caracteres são de outra escrita ou não se veem; digite o número de novo.", zh: "含有其他文字或不可见字符，请重新输入号码。"},
		{code: "characters", pt: "Só pode ter letras, algarismos, espaços, pontos e hifens.", zh: "只能包含字母、数字、空格、点和连字符。"},
		{code: "all_zeros", pt: "Só zeros não é o número de ninguém.", zh: "全为零的号码不存在。"},
		{code: "personal_id", pt: "Parece o número de uma pessoa, e não de uma empresa.", zh: "这像是个人号码，而不是企业号码。"},
		{code: "shape_only", pt: "Estes números não têm dígito verificador: só se olhou a forma.", zh: "此类号码没有校验位：仅检查了格式。"},
		{code: "kind_unsupported", pt: "Números deste tipo não são verificados.", zh: "此类号码无法自动核验。"},
		{code: "uscc_length", pt: "Um código unificado de crédito social tem 18 caracteres.", zh: "统一社会信用代码为 18 位。"},
		{code: "uscc_characters", pt: "Tem algarismos e maiúsculas, sem I, O, S, V e Z.", zh: "由数字和大写字母组成，不含 I、O、S、V、Z。"},
		{code: "uscc_region", pt: "Os caracteres 3 a 8 são os algarismos de uma região.", zh: "第 3 至 8 位为行政区划码。"},
		{code: "uscc_check", pt: "O último caractere não combina com os outros.", zh: "最后一位校验码不符。"},
		{code: "uscc_org_code", pt: "O código da organização, nos caracteres 9 a 17, não combina com o seu dígito.", zh: "第 9 至 17 位组织机构代码的校验码不符。"},
		{code: "uscc_legacy_fujian", pt: "Alguns códigos de Fujian anteriores a 2016 fogem à regra: será comparado com a licença.", zh: "2016 年前福建部分代码不符合末位规则：将与执照比对。"},
		{code: "ric_length", pt: "Um número de identidade chinês tem 18 caracteres.", zh: "居民身份证号码为 18 位。"},
		{code: "ric_characters", pt: "Tem 17 algarismos e mais um, ou X.", zh: "由 17 位数字及一位数字或 X 组成。"},
		{code: "ric_region", pt: "Começa com os algarismos de uma província.", zh: "须以省级区划码开头。"},
		{code: "ric_date", pt: "Os algarismos 7 a 14 são uma data de nascimento que existe.", zh: "第 7 至 14 位须为存在的出生日期。"},
		{code: "ric_check", pt: "O último caractere não combina com os outros.", zh: "最后一位校验码不符。"},
	}, financeCodes()...)
}

func financeCodes() []wordRow {
	return []wordRow{
		{code: "lei_length", pt: "Um LEI tem 20 caracteres.", zh: "LEI 为 20 位。"},
		{code: "lei_characters", pt: "Tem 18 letras e algarismos, e dois dígitos verificadores.", zh: "由 18 位字母数字和两位校验码组成。"},
		{code: "lei_alias_digits", pt: "Os dígitos verificadores estão fora de 02 a 98.", zh: "校验码超出 02 至 98 的范围。"},
		{code: "lei_check", pt: "Os dígitos verificadores não combinam.", zh: "校验码不符。"},
		{code: "iban_country", pt: "Este país não está no registro de IBAN.", zh: "该国家不在 IBAN 登记册中。"},
		{code: "iban_length", pt: "Não é o comprimento de um IBAN deste país.", zh: "与该国 IBAN 的长度不符。"},
		{code: "iban_structure", pt: "Letras e algarismos não estão onde deveriam num IBAN deste país.", zh: "字母和数字的位置与该国 IBAN 不符。"},
		{code: "iban_alias_digits", pt: "Os dígitos verificadores estão fora de 02 a 98.", zh: "校验码超出 02 至 98 的范围。"},
		{code: "iban_check", pt: "Os dígitos verificadores não combinam.", zh: "校验码不符。"},
		{code: "gln_shape", pt: "Um GLN tem 13 algarismos.", zh: "GLN 为 13 位数字。"},
		{code: "gln_check", pt: "O último algarismo não combina com os outros.", zh: "最后一位校验码不符。"},
		{code: "vat_country", pt: "O número começa com outro país que o indicado.", zh: "号码开头的国家与所选国家不同。"},
		{code: "vat_country_missing", pt: "Indique de que país é.", zh: "请说明所属国家。"},
		{code: "vat_country_unsupported", pt: "Números de IVA deste país não são verificados.", zh: "该国增值税号无法自动核验。"},
		{code: "vat_shape", pt: "Não é a forma de um número de IVA deste país.", zh: "与该国增值税号的格式不符。"},
		{code: "vat_check", pt: "Os dígitos verificadores não combinam.", zh: "校验码不符。"},
		{code: "vat_letter_key", pt: "Uma chave com letra não se verifica pela regra publicada.", zh: "含字母的校验键无法按公布的规则核验。"},
		{code: "vat_siren", pt: "O SIREN contido não combina com o seu dígito.", zh: "其中的 SIREN 校验码不符。"},
		{code: "vat_monaco", pt: "Um SIREN que começa com 000 e não combina pode ser de Mônaco.", zh: "以 000 开头且校验不符的 SIREN 可能属于摩纳哥。"},
		{code: "vat_control_kind", pt: "O controle está certo, mas há letra no lugar de algarismo, ou o contrário.", zh: "校验正确，但字母与数字的形式与主体类型不符。"},
		{code: "vat_special_person", pt: "Números que começam com K, L ou M são de pessoas, e as fontes divergem.", zh: "以 K、L 或 M 开头的号码属于个人，且各来源规则不一。"},
		{code: "vat_suffix", pt: "Um número deste país não termina assim.", zh: "该国号码的结尾不是这样。"},
		{code: "vat_government", pt: "Números de órgãos públicos não têm dígito verificador.", zh: "政府部门的号码没有校验位。"},
		{code: "eori_shape", pt: "Não é a forma de um EORI deste país.", zh: "与该国 EORI 号码的格式不符。"},
		{code: "eori_country", pt: "Este país não dá números EORI conhecidos aqui.", zh: "该国不签发此处已知的 EORI 号码。"},
		{code: "eori_vat", pt: "O número de IVA contido não combina com os seus dígitos.", zh: "其中的增值税号校验码不符。"},
		{code: "ein_shape", pt: "Um EIN tem nove algarismos.", zh: "EIN 为 9 位数字。"},
		{code: "ein_prefix", pt: "Nenhum escritório do IRS tem estes dois primeiros algarismos.", zh: "没有任何 IRS 机构使用这两位开头数字。"},
	}
}
