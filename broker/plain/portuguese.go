package plain

// portuguese words, as in Brazil.
var portuguese = map[string]string{
	"granted":      "Concedido: %[3]s, %[1]s pode ver os seguintes dados %[2]s: %[4]s.",
	"granted.bare": "Concedido: %[3]s, %[1]s pode ver os dados necessários %[2]s.",
	"pending":      "Em análise: uma pessoa decidirá se %[1]s pode ver os seguintes dados %[2]s, %[3]s: %[4]s. Até lá, nada precisa ser feito.",
	"pending.bare": "Em análise: uma pessoa decidirá quais dados %[2]s %[1]s pode ver, %[3]s. Até lá, nada precisa ser feito.",
	"refused":      "Recusado: %[3]s, %[1]s não pode ver os seguintes dados %[2]s: %[4]s.",
	"refused.bare": "Recusado: %[3]s, %[1]s não pode ver nenhum dado %[2]s.",
	"withheld":     "Não fornecido (%[1]s): %[2]s.",
	"also.pending": "Sobre os demais dados decidirá uma pessoa: %[1]s.",
	"because":      "Motivo: %[1]s.",
	"missing":      "Ainda falta, por parte %[1]s: %[2]s, %[3]s de %[4]s.",
	"foreseen":     "Esta foi uma simulação: nada foi decidido, registrado ou mostrado, e não se verificou se cada dado existe.",

	"foreseen.refused": "Para obter uma decisão com todos os motivos, faça o pedido sem dry_run.",

	"role.buyer": "o comprador", "role.seller": "o vendedor",
	"of.buyer": "do comprador", "of.seller": "do vendedor",
	"from.buyer": "do comprador", "from.seller": "do vendedor",

	"purpose.deliver":   "para fazer a entrega",
	"purpose.delay":     "para tratar de um atraso na entrega",
	"purpose.return":    "para tratar de uma devolução",
	"purpose.collect":   "para cobrar o que é devido",
	"purpose.invoice":   "para emitir a nota fiscal",
	"purpose.hand_over": "para entregar em mãos",
	"purpose.settle":    "para resolver um litígio",

	"field.first_name": "primeiro nome", "field.name": "nome", "field.email": "e-mail", "field.phone": "telefone",
	"field.locality": "localidade", "field.address": "endereço",

	"ground.2a": "O fundamento é a cláusula 2a: um prestador de serviços precisa dos dados.",
	"ground.3a": "O fundamento é a cláusula 3a: o titular dos dados consentiu previamente.",
	"ground.3b": "O fundamento é a cláusula 3b: os dados são necessários para iniciar o cumprimento.",
	"ground.3c": "O fundamento é a cláusula 3c: uma autoridade exige os dados.",
	"ground.3d": "O fundamento é a cláusula 3d: houve uma decisão contra o titular dos dados.",
	"ground.3e": "O fundamento é a cláusula 3e: houve uma reclamação por violação de marca, patente ou direito autoral.",
	"ground.3f": "O fundamento é a cláusula 3f: quem pede já cumpriu a sua parte.",
	"ground.3g": "O fundamento é a cláusula 3g: outra lei, regra ou política, devidamente citada.",

	"state.live":      "Os dados podem ser consultados até %[1]s, mais uma vez.=one Os dados podem ser consultados até %[1]s, mais %[2]d vezes.",
	"state.expired":   "A concessão terminou: o prazo acabou em %[1]s. Quem ainda precisar dos dados deve fazer um novo pedido.",
	"state.used_up":   "A concessão terminou: todas as consultas foram usadas. Quem ainda precisar dos dados deve fazer um novo pedido.",
	"state.suspended": "A concessão está suspensa: aquilo em que se baseava deixou de valer. Quem ainda precisar dos dados deve fazer um novo pedido quando voltar a valer.",
	"state.revoked":   "A concessão foi revogada. Quem ainda precisar dos dados deve fazer um novo pedido.",

	"obligation.pay": "pagamento", "obligation.accept": "aceitação do pedido", "obligation.ship": "envio",
	"obligation.deliver": "entrega", "obligation.hand_over": "entrega em mãos", "obligation.serve": "prestação do serviço",
	"obligation.grant_access": "acesso", "obligation.give_back": "restituição do bem alugado",
	"obligation.approve_return": "aprovação da devolução", "obligation.return": "devolução da mercadoria", "obligation.refund": "reembolso",

	"reason.no_performance":         "o pedido depende de um cumprimento que ninguém atestou ainda",
	"reason.performance_unattested": "o cumprimento de que o pedido depende foi declarado, mas ainda não foi atestado por quem pode fazê-lo",
	"reason.below_floor":            "o que foi cumprido até agora é menos do que o necessário",
	"reason.not_necessary":          "esta finalidade não exige esse dado, ou não o exige agora",
	"reason.transaction_cancelled":  "a transação foi cancelada e não permite mais nenhuma divulgação",
	"reason.transaction_closed":     "o prazo em que isso era necessário já terminou",
	"reason.relay_unavailable":      "o dado seria fornecido por um endereço ou número intermediário, e não há intermediário disponível",
	"reason.not_available":          "o dado não está disponível",
	"reason.not_held":               "a outra parte não informou esse dado",

	"todo.no_performance":         "Quando o que falta tiver sido cumprido e atestado, faça um novo pedido.",
	"todo.performance_unattested": "Peça que a plataforma ateste o cumprimento e, em seguida, faça um novo pedido.",
	"todo.below_floor":            "Quando o restante tiver sido cumprido e atestado, faça um novo pedido.",
	"todo.not_necessary":          "Prossiga sem esse dado; se a situação mudar, faça um novo pedido ou indique a finalidade adequada.",
	"todo.transaction_cancelled":  "Se ainda houver algo devido, abra uma disputa na plataforma.",
	"todo.transaction_closed":     "Se ainda houver algo devido, abra uma disputa na plataforma.",
	"todo.relay_unavailable":      "Escreva à outra parte por meio da plataforma.",
	"todo.not_available":          "Escreva à outra parte por meio da plataforma ou peça à plataforma que examine o caso.",
	"todo.not_held":               "Peça à outra parte, por meio da plataforma, que informe o dado e, em seguida, faça um novo pedido.",

	"list.comma": ", ", "list.and": " e ", "decimal": ",",
	"time":    "%[3]s de %[2]s de %[1]s, %[4]s (UTC)",
	"month.1": "janeiro", "month.2": "fevereiro", "month.3": "março", "month.4": "abril", "month.5": "maio", "month.6": "junho",
	"month.7": "julho", "month.8": "agosto", "month.9": "setembro", "month.10": "outubro", "month.11": "novembro", "month.12": "dezembro",
}
