package letters

// words are what codes are in each language.
var words = map[string]map[string]string{"en": english, "zh": chinese, "pt": portuguese}

var english = map[string]string{
	"wanted.until": "$, by %", "comma": ", ", "to.buyer": "the buyer", "to.seller": "the seller",
	"outcome.refund": "all of it is paid back to the buyer:", "outcome.part_refund": "a part of it is paid back to the buyer:",
	"outcome.release": "what was paid stays with the seller", "outcome.none": "nothing changes of what either side owes",
	"remedy.refund": "The seller pays it back. The case stays open until that is done.",
	"remedy.none":   "Nothing has to be paid back.",
	"fields":        "With this decision neither side is given contact data of the other: none was asked for in it, so none is withheld.",
	"appeal.until":  "You may appeal once, until %, through the marketplace: with new facts, or because of an error. Other people decide then.",
	"appeal.not":    "You got all that you asked for in this case, so you cannot appeal here.",
	"appeal.over":   "There is no further appeal here. What a court, or a body for settling disputes out of court, can do for you, this changes nothing of.",

	"reason.not_delivered": "Nothing shows that it was delivered", "reason.delivered": "It was delivered", "reason.not_as_described": "It is not as it was described",
	"reason.as_described": "It is as it was described", "reason.damaged_in_transit": "It was damaged on its way", "reason.damaged_by_recipient": "It was damaged after it had arrived",
	"reason.wrong_item_sent": "Something else was sent than was agreed", "reason.right_item_sent": "What was agreed was sent", "reason.not_paid": "It was not paid", "reason.paid": "It was paid",
	"reason.not_returned": "It was not sent back", "reason.returned": "It was sent back", "reason.not_rendered": "The service was not rendered as agreed", "reason.rendered": "The service was rendered as agreed",
	"reason.no_answer": "One side did not answer", "reason.evidence_missing": "What would show it was not handed in", "reason.evidence_false": "What was handed in is not genuine",
	"reason.other": "For the reason that the facts below give",

	"line.pay": "payment", "line.accept": "acceptance of the order", "line.ship": "shipment", "line.deliver": "delivery", "line.hand_over": "handing over", "line.serve": "the service",
	"line.grant_access": "access", "line.give_back": "giving back what was rented", "line.approve_return": "approval of a return", "line.return": "return of the goods", "line.refund": "refund",

	"evidence.photo_item": "photos of the item", "evidence.photo_packaging": "photos of the packaging", "evidence.item_description": "the description of the item",
	"evidence.packing_list": "the packing list", "evidence.carrier_tracking": "the carrier’s tracking", "evidence.delivery_proof": "a proof of delivery", "evidence.payment_proof": "a proof of payment",
	"evidence.invoice": "the invoice", "evidence.return_proof": "a proof that it was sent back", "evidence.handover_record": "the record of the handing over", "evidence.service_report": "the report on the service",
	"evidence.expert_report": "an expert’s report", "evidence.correspondence": "what the two of you wrote", "evidence.other": "what else shows it",
}

var portuguese = map[string]string{
	"wanted.until": "$, até %", "comma": ", ", "to.buyer": "parte compradora", "to.seller": "parte vendedora",
	"outcome.refund": "tudo é devolvido à parte compradora:", "outcome.part_refund": "uma parte é devolvida à parte compradora:",
	"outcome.release": "o que foi pago fica com a parte vendedora", "outcome.none": "nada muda do que cada parte deve",
	"remedy.refund": "A parte vendedora devolve o valor. O caso fica aberto até que isso seja feito.",
	"remedy.none":   "Nada precisa ser devolvido.",
	"fields":        "Com esta decisão nenhuma parte recebe dados de contato da outra: nenhum foi pedido nela, e por isso nenhum é negado.",
	"appeal.until":  "Você pode recorrer uma vez, até %, por meio do marketplace: com fatos novos ou por causa de um erro. Outras pessoas decidem então.",
	"appeal.not":    "Você obteve tudo o que pediu neste caso; por isso não há recurso aqui.",
	"appeal.over":   "Aqui não há mais recurso. Isto não altera o que a Justiça, ou um órgão de solução extrajudicial de conflitos, pode fazer por você.",

	"reason.not_delivered": "Nada mostra que houve entrega", "reason.delivered": "Houve entrega", "reason.not_as_described": "O item não corresponde à descrição",
	"reason.as_described": "O item corresponde à descrição", "reason.damaged_in_transit": "O item foi danificado no transporte", "reason.damaged_by_recipient": "O item foi danificado depois de chegar",
	"reason.wrong_item_sent": "Foi enviado algo diferente do combinado", "reason.right_item_sent": "Foi enviado o combinado", "reason.not_paid": "Não foi pago", "reason.paid": "Foi pago",
	"reason.not_returned": "Não foi devolvido", "reason.returned": "Foi devolvido", "reason.not_rendered": "O serviço não foi prestado como combinado", "reason.rendered": "O serviço foi prestado como combinado",
	"reason.no_answer": "Uma das partes não respondeu", "reason.evidence_missing": "O que o mostraria não foi apresentado", "reason.evidence_false": "O que foi apresentado não é autêntico",
	"reason.other": "Pela razão que os fatos abaixo dão",

	"line.pay": "pagamento", "line.accept": "aceitação do pedido", "line.ship": "envio", "line.deliver": "entrega", "line.hand_over": "entrega em mãos", "line.serve": "o serviço",
	"line.grant_access": "acesso", "line.give_back": "devolução do que foi alugado", "line.approve_return": "aprovação da devolução", "line.return": "devolução da mercadoria", "line.refund": "reembolso",

	"evidence.photo_item": "fotos do item", "evidence.photo_packaging": "fotos da embalagem", "evidence.item_description": "a descrição do item",
	"evidence.packing_list": "a lista de conteúdo", "evidence.carrier_tracking": "o rastreamento da transportadora", "evidence.delivery_proof": "um comprovante de entrega", "evidence.payment_proof": "um comprovante de pagamento",
	"evidence.invoice": "a nota fiscal", "evidence.return_proof": "um comprovante de devolução", "evidence.handover_record": "o registro da entrega em mãos", "evidence.service_report": "o relatório do serviço",
	"evidence.expert_report": "um laudo pericial", "evidence.correspondence": "as mensagens entre as partes", "evidence.other": "o que mais o mostrar",
}

var chinese = map[string]string{
	"wanted.until": "$，%前", "comma": "、", "to.buyer": "买方", "to.seller": "卖方",
	"outcome.refund": "全额退还买方", "outcome.part_refund": "部分退还买方", "outcome.release": "已付款项归卖方所有", "outcome.none": "双方义务不变",
	"remedy.refund": "卖方应予退款。在退款完成之前，本纠纷不予结案。",
	"remedy.none":   "无需退款。",
	"fields":        "本裁决未向任何一方提供对方的联系信息：其中未申请任何信息，故亦无拒绝提供的信息。",
	"appeal.until":  "您可于%前通过交易平台申诉一次，理由为新的事实或裁决有误。届时由其他人员裁决。",
	"appeal.not":    "您在本纠纷中的请求已全部得到满足，因此不能在此申诉。",
	"appeal.over":   "此处不再受理申诉。您向法院或其他纠纷解决机构寻求救济的权利不受影响。",

	"reason.not_delivered": "没有证据表明货物已送达", "reason.delivered": "货物已送达", "reason.not_as_described": "物品与描述不符", "reason.as_described": "物品与描述相符",
	"reason.damaged_in_transit": "物品在运输途中损坏", "reason.damaged_by_recipient": "物品在送达后损坏", "reason.wrong_item_sent": "所寄物品与约定不符", "reason.right_item_sent": "所寄物品与约定相符",
	"reason.not_paid": "未付款", "reason.paid": "已付款", "reason.not_returned": "未退回", "reason.returned": "已退回", "reason.not_rendered": "服务未按约定提供", "reason.rendered": "服务已按约定提供",
	"reason.no_answer": "一方未作答复", "reason.evidence_missing": "未提交相应证据", "reason.evidence_false": "所提交的材料不真实", "reason.other": "理由见下述事实",

	"line.pay": "付款", "line.accept": "接受订单", "line.ship": "发货", "line.deliver": "交付", "line.hand_over": "当面交付", "line.serve": "服务", "line.grant_access": "开通使用",
	"line.give_back": "归还租赁物", "line.approve_return": "同意退货", "line.return": "退货", "line.refund": "退款",

	"evidence.photo_item": "物品照片", "evidence.photo_packaging": "包装照片", "evidence.item_description": "物品描述", "evidence.packing_list": "装箱单", "evidence.carrier_tracking": "物流跟踪记录",
	"evidence.delivery_proof": "送达证明", "evidence.payment_proof": "付款凭证", "evidence.invoice": "发票", "evidence.return_proof": "退货凭证", "evidence.handover_record": "交接记录",
	"evidence.service_report": "服务报告", "evidence.expert_report": "鉴定报告", "evidence.correspondence": "双方往来信息", "evidence.other": "其他证明材料",
}
