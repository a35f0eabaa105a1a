package pages

import "fmt"

// Permit is where a party chooses whom it permits what.
type Permit struct {
	SubjectShell
	P        PermitWords
	Who      Select
	For      Select
	Fields   []Pick
	Until    string // as a date field has it
	From, To string // the dates that it may be
	Last     Dated  // To
	Wrongs   Wrongs
}

func (Permit) template() string { return "subject_permit" }

// Here is where the page is, in whatever language.
func (Permit) Here() string { return "/me/permit" }

// Listed are what is wrong, in the order of the form.
func (p Permit) Listed() (all []Mistake) {
	for _, at := range []string{"", "recipient", "fields", "purpose", "until"} {
		if text, ok := p.Wrongs[at]; ok {
			all = append(all, Mistake{at, text})
		}
	}
	return all
}

// Mistake is what is wrong with one part of a form; of none, with all of it.
type Mistake struct{ At, Text string }

// Select is one choice of several.
type Select struct {
	Name, Label, Hint, Wrong string
	Options                  []Choice
	Chosen                   string
}

// DescribedBy names what describes it, for who hears the page.
func (s Select) DescribedBy() string {
	return Input{Name: s.Name, Hint: s.Hint, Wrong: s.Wrong}.DescribedBy()
}

// Pick is one of several things that can be chosen together.
type Pick struct {
	Choice
	Chosen bool
}

// Permission is where a party reads what it is about to permit, and does.
type Permission struct {
	SubjectShell
	P      PermitWords
	Text   string
	Hidden []Choice // what was chosen, by the names of the form
	Wrong  string
}

func (Permission) template() string { return "subject_permission" }

// Here is where the choice begins anew in another language.
func (Permission) Here() string { return "/me/permit" }

// PermitWords are the words for giving a permission, in one language.
type PermitWords struct {
	Begin, Title, Lead, Nobody, Back string

	Who, WhoHint, What, For, Until, UntilHint, Choose, Look string

	ReadTitle, ReadLead, Give, Change, Done string

	WrongTitle, WrongWho, WrongWhat, WrongFor, WrongUntil, TooMany, Other string

	// text says what is permitted: by whom, to whom, which fields, what for, until when.
	text string
}

// Text is exactly what a party is shown, and what the hash of its consent is of.
func (w PermitWords) Text(party, recipient, fields, purpose, until string) string {
	return fmt.Sprintf(w.text, party, recipient, fields, purpose, until)
}

// PermitWordsIn are those of a language, English for one that is not there.
func PermitWordsIn(lang string) PermitWords {
	switch lang {
	case "pt":
		return permitPortuguese()
	case "zh":
		return permitChinese()
	}
	return permitEnglish()
}

func permitEnglish() PermitWords {
	return PermitWords{
		Begin: "Give a permission", Title: "Give a permission", Back: "Back to your data",
		Lead:   "You can permit somebody with whom you deal to see some of your data, for one purpose and for a time. You owe nobody a permission.",
		Nobody: "You have no transaction with anybody yet, so there is nobody whom you could permit anything.",
		Who:    "Who may see it", WhoHint: "Those with whom you have transactions, by their number with the marketplace.", What: "What they may see", For: "What for", Until: "Until the end of",
		UntilHint: "A date, as year-month-day, in UTC. At the latest", Choose: "Choose one", Look: "Read the permission",
		ReadTitle: "Do you permit this?", ReadLead: "Nothing has been permitted yet. This is what will be written down, word by word:",
		Give: "Yes, I permit it", Change: "No, choose anew", Done: "Your permission has been written down.",
		WrongTitle: "Nothing was written down.", WrongWho: "Choose one of those with whom you have transactions.", WrongWhat: "Choose at least one thing.", WrongFor: "Choose what for.",
		WrongUntil: "Give a date from today on and within a year.", TooMany: "You have 64 permissions in force. Withdraw one of them first.",
		Other: "The words of the permission were other ones. Read them again.",
		text: "I am %[1]s. I permit that %[2]s sees the following of my data: %[3]s. This is for one purpose alone: %[4]s. " +
			"The permission ends on %[5]s. I can withdraw it before that, at any time; whatever was granted on it then ends at once.",
	}
}

func permitPortuguese() PermitWords {
	return PermitWords{
		Begin: "Dar uma permissão", Title: "Dar uma permissão", Back: "Voltar aos seus dados",
		Lead:   "Você pode permitir que alguém com quem negocia veja alguns dos seus dados, para uma só finalidade e por algum tempo. Você não deve permissão a ninguém.",
		Nobody: "Você ainda não tem transações com ninguém, por isso não há a quem permitir algo.",
		Who:    "Quem poderá ver", WhoHint: "As pessoas com quem você tem transações, pelo número que têm no marketplace.", What: "O que poderá ver", For: "Para quê", Until: "Até o fim do dia",
		UntilHint: "Uma data, como ano-mês-dia, em UTC. No máximo", Choose: "Escolha", Look: "Ler a permissão",
		ReadTitle: "Você permite isto?", ReadLead: "Ainda nada foi permitido. Isto é o que ficará registrado, palavra por palavra:",
		Give: "Sim, eu permito", Change: "Não, escolher de novo", Done: "A sua permissão foi registrada.",
		WrongTitle: "Nada foi registrado.", WrongWho: "Escolha alguém com quem você tem transações.", WrongWhat: "Escolha pelo menos um dado.", WrongFor: "Escolha a finalidade.",
		WrongUntil: "Indique uma data a partir de hoje e dentro de um ano.", TooMany: "Você tem 64 permissões em vigor. Retire uma delas primeiro.",
		Other: "As palavras da permissão eram outras. Leia-as de novo.",
		text: "Sou %[1]s. Permito que %[2]s veja os seguintes dados meus: %[3]s. Isto serve a uma única finalidade: %[4]s. " +
			"A permissão termina em %[5]s. Posso retirá-la antes, a qualquer momento; o que tiver sido autorizado com base nela acaba então imediatamente.", //nolint:misspell // Portuguese
	}
}

func permitChinese() PermitWords {
	return PermitWords{
		Begin: "给予许可", Title: "给予许可", Back: "返回您的信息",
		Lead:   "您可以许可与您交易的一方为某一目的、在一定期限内查看您的部分信息。您没有义务给予任何人许可。",
		Nobody: "您尚未与任何人交易，因此没有可以许可的对象。",
		Who:    "谁可以查看", WhoHint: "与您有交易的各方，以其在平台的编号显示。", What: "可以查看什么", For: "用于什么目的", Until: "有效至该日结束",
		UntilHint: "日期格式为 年-月-日（UTC）。最晚为", Choose: "请选择", Look: "阅读许可内容",
		ReadTitle: "您许可以下内容吗？", ReadLead: "目前尚未给予任何许可。以下文字将被逐字记录：",
		Give: "是，我许可", Change: "否，重新选择", Done: "您的许可已记录。",
		WrongTitle: "未作任何记录。", WrongWho: "请选择与您有交易的一方。", WrongWhat: "请至少选择一项。", WrongFor: "请选择目的。",
		WrongUntil: "请填写从今天起一年以内的日期。", TooMany: "您已有64项生效的许可，请先撤回其中一项。",
		Other: "许可的文字已有不同，请重新阅读。",
		text:  "我是 %[1]s。我许可 %[2]s 查看我的以下信息：%[3]s。仅用于一个目的：%[4]s。本许可于%[5]s结束。在此之前我可以随时撤回；届时基于本许可的授权立即结束。",
	}
}
