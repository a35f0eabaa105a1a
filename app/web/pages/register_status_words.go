package pages

// statusRows are the words of the page of a registration that was handed in: what
// stands on it, where the registration is, and what was just done.
func statusRows() []wordRow {
	return append(leadRows(), []wordRow{
		{"on.title", "Your registration", "O seu registro", "您的登记"},
		{"on.stands", "Where it stands", "Como está", "当前状态"},
		{"on.why", "Reason", "Motivo", "原因"},
		{"on.wrong", "That was not done. Something has to be put right:", "Isso não foi feito. Há algo a corrigir:", "操作未执行。以下内容需要更正："},
		{"on.note", "What you want to say", "O que você quer dizer", "说明"},
		{"on.note_hint", "It is kept sealed, and read only by those who check your registration.", "Fica lacrado, e só é lido por quem verifica o seu registro.", "内容会被密封，仅由核验人员阅读。"},
		{"on.answer", "Answer", "Responder", "答复"},
		{"on.answer_lead", "Say what you have sent or changed. Send documents and make changes first: then people look at it again.", "Diga o que enviou ou alterou. Envie antes os documentos e faça as alterações: depois disso o registro volta a ser examinado.", "请说明您已提交或更改的内容。请先提交文件并完成更改，之后将重新审核。"},
		{"on.answer_do", "Send the answer", "Enviar a resposta", "提交答复"},
		{"on.appeal", "Appeal", "Recorrer", "申诉"},
		{"on.appeal_lead", "Another person looks at the decision. You can do so once for each decision, within six months.", "Outra pessoa examina a decisão. É possível uma vez para cada decisão, dentro de seis meses.", "将由另一人复核该决定。每项决定可在六个月内申诉一次。"},
		{"on.appeal_why", "Why", "Por quê", "理由"},
		{"on.appeal_do", "Send the appeal", "Enviar o recurso", "提交申诉"},
		{"on.confirm", "Confirm what you gave", "Confirmar o que informou", "确认已提供的信息"},
		{"on.confirm_lead", "If all that you gave is still as it is, say so. Else change it below.", "Se tudo o que informou continua como está, confirme. Senão, altere-o abaixo.", "如果您提供的信息没有变化，请确认；否则请在下方更改。"},
		{"on.confirm_do", "All is as it was", "Tudo continua igual", "信息无变化"},
		{"on.change", "Change what you gave", "Alterar o que informou", "更改已提供的信息"},
		{"on.change_lead", "That what you gave is opened is written down. A change is a new version, which people look at; what was approved before stays public meanwhile, and what you make private is hidden at once.", "A abertura do que informou fica registrada. Uma alteração é uma nova versão, que será examinada; o que foi aprovado antes continua público até lá, e o que tornar privado fica oculto na hora.", "打开您提供的信息会被记录。更改即形成新版本，需重新审核；此前已通过的内容在此期间仍然公开，您改为不公开的内容立即隐藏。"},
		{"on.change_do", "Open it and change it", "Abrir e alterar", "打开并更改"},
		{"on.change_form", "What you hand in here replaces what you gave; of what is private only what you fill in.", "O que enviar aqui substitui o que informou; do que é privado, só o que preencher.", "在此提交的内容将替换原有内容；非公开信息仅替换您填写的部分。"},
		{"on.kept", "You gave this. It is not shown again: leave it empty to keep it.", "Você já o informou. Não é mostrado de novo: deixe vazio para mantê-lo.", "您已提供此项，不再显示；留空即保持不变。"},
		{"on.take_away", "Take it away", "Retirar", "删除此项"},
		{"on.end", "End the registration", "Encerrar o registro", "终止登记"},
		{"on.end_lead", "One that was never approved ends at once. Any other ends after the notice that the law of your market asks for, and once nothing that was bought is open; until then everybody can read that it ends. It cannot be undone: register anew then.", "Um que nunca foi aprovado encerra na hora. Qualquer outro encerra depois do aviso que a lei do seu mercado pede, e quando nada do que foi comprado estiver em aberto; até lá todos podem ler que encerra. Não se desfaz: registre-se de novo, se precisar.", "从未通过审核的登记立即终止；其他登记在您所在市场法律要求的公告期满、且没有未完成的交易后终止，在此之前公开告示。此操作无法撤销，如有需要请重新登记。"},
		{"on.end_why", "Why it ends", "Por que encerra", "终止理由"},
		{"on.end_do", "End it", "Encerrar", "终止"},
		{"on.report", "Report something suspicious about this merchant", "Denunciar algo suspeito sobre este comerciante", "举报该商户的可疑情况"},
		{"on.as_it_is", "As it is", "Como está", "保持不变"},
		{"on.back", "Back without a change", "Voltar sem alterar", "不更改，返回"},
		{"on.documents", "Documents", "Documentos", "文件"},
		{"on.no_documents", "You have handed in none.", "Você não enviou nenhum.", "您尚未提交文件。"},
		{"on.valid_until", "valid until", "válido até", "有效期至"},
		{"on.document", "Hand in a document", "Enviar um documento", "提交文件"},
		{"on.document_lead", "It is sealed as you send it. Those who check see a copy that was drawn anew, and each look at it is written down.", "Fica lacrado como você o envia. Quem verifica vê uma cópia desenhada de novo, e cada consulta fica registrada.", "文件按原样密封。核验人员只能看到重新绘制的副本，每次查看都会被记录。"},
		{"on.document_do", "Send the document", "Enviar o documento", "提交文件"},
		{"on.document_file", "File", "Arquivo", "文件"},
		{"on.document_file_hint", "JPEG, PNG or PDF, at most 20 MiB.", "JPEG, PNG ou PDF, no máximo 20 MiB.", "JPEG、PNG 或 PDF，最大 20 MiB。"},
		{"on.document_kind", "What it is", "O que é", "文件类型"},
		{"on.document_expires", "Valid until", "Válido até", "有效期至"},
		{"on.document_expires_hint", "Leave it empty if it does not expire.", "Deixe vazio se não expira.", "如无有效期请留空。"},
		{"document.licence", "Business licence", "Alvará ou licença comercial", "营业执照"},
		{"document.register_extract", "Extract of the register", "Certidão do registro", "登记机关出具的证明"},
		{"document.permit", "Permit", "Licença", "行政许可"},
		{"document.identity", "Identity document", "Documento de identidade", "身份证件"},
		{"document.address_proof", "Proof of address", "Comprovante de endereço", "地址证明"},
		{"document.tax", "Tax document", "Documento fiscal", "税务文件"},
		{"document.bank", "Document of the bank", "Documento do banco", "银行文件"},
		{"document.other", "Another one", "Outro", "其他"},
	}...)
}

// leadRows are what there is to say of a state and of what was done.
func leadRows() []wordRow {
	return append(reasonRows(), []wordRow{
		{"lead.in_review", "People look at it now. What the law makes public is shown once they have verified it, and nothing before.", "Agora pessoas o examinam. O que a lei torna público só aparece depois de verificado.", "现由工作人员审核。法律要求公开的信息在核验后才会公示。"},
		{"lead.needs_info", "Those who check it need something more from you.", "Quem o verifica precisa de algo mais de você.", "核验人员需要您补充信息。"},
		{"lead.active", "It is verified. What the law makes public is shown.", "Está verificado. O que a lei torna público é mostrado.", "已通过核验。法律要求公开的信息已公示。"},
		{"lead.rejected", "It was not approved. You can change what you gave, or appeal.", "Não foi aprovado. Você pode alterar o que informou ou recorrer.", "未通过审核。您可以更改信息或提出申诉。"},
		{"lead.suspended", "Nothing of it is shown now. You can put right what is wrong, or appeal.", "Nada dele é mostrado agora. Você pode corrigir o que está errado ou recorrer.", "目前不公示任何信息。您可以更正信息或提出申诉。"},
		{"lead.appealed", "You have appealed. Another person decides than before.", "Você recorreu. Decide outra pessoa que antes.", "您已提出申诉，将由另一人决定。"},
		{"lead.threshold_due", "By what you sell, the law asks for more. Add it in time, or you are suspended.", "Pelo que você vende, a lei pede mais. Complete a tempo, ou o registro será suspenso.", "根据您的销售情况，法律要求补充信息。请按时补充，否则将被暂停。"},                             //nolint:misspell // Portuguese
		{"lead.reverify_due", "It has to be verified again. Confirm what you gave or change it in time, or you are suspended.", "Precisa ser verificado de novo. Confirme ou altere a tempo o que informou, ou o registro será suspenso.", "需要重新核验。请按时确认或更改信息，否则将被暂停。"}, //nolint:misspell // Portuguese
		{"lead.lapsed", "It has lapsed. Ask the marketplace for a new link to register again.", "Caducou. Peça ao marketplace um novo link para se registrar de novo.", "登记已失效。如需重新登记，请向平台索取新链接。"},
		{"lead.closing", "It closes on the day below. Until then everybody can read that it does.", "Encerra no dia indicado abaixo. Até lá todos podem ler que encerra.", "将于下列日期终止，在此之前公开告示。"},
		{"lead.closed", "It has closed. Nothing of it is shown.", "Encerrou. Nada dele é mostrado.", "已终止，不再公示任何信息。"},
		{"lead.erased", "What you gave was erased.", "O que informou foi apagado.", "您提供的信息已删除。"},
		{"done.answer", "Your answer was sent.", "A sua resposta foi enviada.", "您的答复已提交。"},
		{"done.appeal", "Your appeal was sent.", "O seu recurso foi enviado.", "您的申诉已提交。"},
		{"done.change", "Your change was handed in.", "A sua alteração foi enviada.", "您的更改已提交。"},
		{"done.end", "The end of the registration was handed in.", "O encerramento do registro foi enviado.", "终止登记的请求已提交。"},
		{"done.confirm", "You have confirmed what you gave.", "Você confirmou o que informou.", "您已确认所提供的信息。"},
		{"done.document", "The document was handed in.", "O documento foi enviado.", "文件已提交。"},
	}...)
}

// reasonRows are why something was decided, or is asked for.
func reasonRows() []wordRow {
	return []wordRow{
		{"reason.verified", "verified", "verificado", "已核验"},
		{"reason.declared", "as declared", "conforme declarado", "依声明"},
		{"reason.not_verified", "it could not be verified", "não foi possível verificar", "无法核验"},
		{"reason.trust_doubted", "there are doubts about this merchant", "há dúvidas sobre este comerciante", "对该商户存有疑问"},
		{"reason.number_not_found", "the number was not found", "o número não foi encontrado", "未查到该编号"},
		{"reason.not_the_holder", "the number is somebody else’s", "o número é de outra pessoa", "编号属于他人"},
		{"reason.data_false", "what was given is not true", "o que foi informado não é verdadeiro", "所提供的信息不实"},
		{"reason.licence_ended", "the licence has ended", "a licença terminou", "执照已失效"},
		{"reason.authority_order", "an authority has ordered it", "uma autoridade o determinou", "主管机关要求"},
		{"reason.data_doubted", "there are doubts about what was given", "há dúvidas sobre o que foi informado", "对所提供的信息存有疑问"},
		{"reason.cured", "what was wrong is put right", "o que estava errado foi corrigido", "问题已更正"},
		{"reason.overdue", "what was due did not come in time", "o que era devido não chegou a tempo", "未按时补充所需信息"},
		{"reason.lapse", "there was no answer in time", "não houve resposta a tempo", "未按时答复"},
		{"reason.new_facts", "there is something new", "há algo novo", "有新的情况"},
		{"reason.mistake", "it is a mistake", "é um engano", "存在错误"},
		{"reason.trade_ended", "the business has ended", "a atividade terminou", "经营已终止"},
		{"reason.moved", "the business is somewhere else now", "a atividade mudou de lugar", "业务已迁往他处"},
		{"reason.unfair", "it is unfair", "é injusto", "有失公正"},
		{"reason.other", "another one", "outro", "其他"},
	}
}

// formCodes are what was wrong with what was sent from that page.
func formCodes() []wordRow {
	return []wordRow{
		{code: "answer_missing", en: "Write what you want to say.", pt: "Escreva o que quer dizer.", zh: "请填写说明。"},
		{code: "reason_missing", en: "Choose why.", pt: "Escolha por quê.", zh: "请选择理由。"},
		{code: "kind_missing", en: "Choose what it is.", pt: "Escolha o que é.", zh: "请选择文件类型。"},
		{code: "too_late", pt: "O prazo para isto terminou.", zh: "已超过期限。"},
		{code: "appealed_before", en: "This decision was appealed before.", pt: "Já se recorreu desta decisão.", zh: "该决定已申诉过。"},
		{code: "invalid_transition", en: "This can’t be done as it stands now.", pt: "Isto não pode ser feito na situação atual.", zh: "当前状态下无法进行此操作。"},
		{code: "conflict", en: "This has changed meanwhile. Try again.", pt: "Isto mudou entretanto. Tente de novo.", zh: "内容已有变化，请重试。"},
		{code: "document_empty", en: "Choose a file.", pt: "Escolha um arquivo.", zh: "请选择文件。"},
		{code: "document_too_large", pt: "Um documento tem no máximo 20 MiB.", zh: "文件最大为 20 MiB。"},
		{code: "document_type", pt: "Um documento é JPEG, PNG ou PDF: envie outros tipos (HEIC, TIFF, WebP etc.) como um destes.", zh: "文件须为 JPEG、PNG 或 PDF；其他格式（HEIC、TIFF、WebP 等）请转换后提交。"},
		{code: "document_svg", pt: "Um SVG pode executar programas e não é aceito: envie uma digitalização em JPEG ou PNG.", zh: "SVG 可能含有程序，不予接收：请提交 JPEG 或 PNG 扫描件。"}, //nolint:misspell // Portuguese
		{code: "document_html", pt: "Uma página da web não é aceita: envie uma digitalização em JPEG ou PNG.", zh: "不接收网页文件：请提交 JPEG 或 PNG 扫描件。"},
		{code: "document_archive", pt: "Arquivos compactados e de programas de escritório não são aceitos: envie cada documento em JPEG, PNG ou PDF.", zh: "不接收压缩包和办公软件文件：请将每份文件以 JPEG、PNG 或 PDF 提交。"}, //nolint:misspell // Portuguese
		{code: "document_polyglot", pt: "O arquivo é de dois tipos ao mesmo tempo: envie uma digitalização em JPEG ou PNG.", zh: "该文件同时属于两种格式：请提交 JPEG 或 PNG 扫描件。"},
		{code: "document_truncated", pt: "Falta o fim do documento: envie-o inteiro.", zh: "文件不完整：请重新提交。"},
		{code: "document_damaged", pt: "Não é possível ler o documento: envie uma digitalização em JPEG ou PNG.", zh: "文件无法读取：请提交 JPEG 或 PNG 扫描件。"},
		{code: "document_pixels", pt: "A imagem tem pixels demais: 40 milhões no máximo, menos onde ocupam mais memória (16 milhões em PNG a cores, 8 em JPEG que aparece aos poucos).", zh: "图片像素过多：最多 4000 万像素；占用内存较多的更少（彩色 PNG 1600 万，渐进式 JPEG 800 万）。"},
		{code: "document_encrypted", pt: "O PDF está cifrado: envie-o sem senha, ou uma digitalização em JPEG ou PNG.", zh: "PDF 已加密：请去除密码，或提交 JPEG 或 PNG 扫描件。"},
		{code: "document_unsupported", pt: "O PDF contém algo que não pode ser reescrito com segurança: envie uma digitalização em JPEG ou PNG.", zh: "PDF 中含有无法安全处理的内容：请提交 JPEG 或 PNG 扫描件。"},
		{code: "document_too_complex", pt: "O PDF tem páginas ou partes demais: envie uma digitalização em JPEG ou PNG.", zh: "PDF 页数或内容过多：请提交 JPEG 或 PNG 扫描件。"},
	}
}
