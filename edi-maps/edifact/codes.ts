// The EDIFACT code lists there are, by element. A new list is a JSON file and a line here.
import { codeList, type CodeList, type CodeListData } from '../code-list.js'
import answer from './codes/0083.json' with { type: 'json' }
import syntaxError from './codes/0085.json' with { type: 'json' }
import invoiceKind from './codes/1001.json' with { type: 'json' }
import reference from './codes/1153.json' with { type: 'json' }
import purpose from './codes/1225.json' with { type: 'json' }
import moment from './codes/2005.json' with { type: 'json' }
import termsFrom from './codes/2475.json' with { type: 'json' }
import party from './codes/3035.json' with { type: 'json' }
import agency from './codes/3055.json' with { type: 'json' }
import contact from './codes/3139.json' with { type: 'json' }
import place from './codes/3227.json' with { type: 'json' }
import payment from './codes/4215.json' with { type: 'json' }
import discrepancy from './codes/4221.json' with { type: 'json' }
import termsKind from './codes/4279.json' with { type: 'json' }
import textAnswer from './codes/4343.json' with { type: 'json' }
import statusLater from './codes/4405.json' with { type: 'json' }
import textTopic from './codes/4451.json' with { type: 'json' }
import settlement from './codes/4471.json' with { type: 'json' }
import taxKind from './codes/5153.json' with { type: 'json' }
import agreementKind from './codes/5189.json' with { type: 'json' }
import percentOf from './codes/5249.json' with { type: 'json' }
import taxCategory from './codes/5305.json' with { type: 'json' }
import priceKind from './codes/5375.json' with { type: 'json' }
import direction from './codes/5463.json' with { type: 'json' }
import packaging from './codes/7065.json' with { type: 'json' }
import article from './codes/7143.json' with { type: 'json' }
import serviceKind from './codes/7161.json' with { type: 'json' }
import equipment from './codes/8053.json' with { type: 'json' }
import mode from './codes/8067.json' with { type: 'json' }
import status from './codes/9011.json' with { type: 'json' }
import statusReason from './codes/9013.json' with { type: 'json' }

const list = (data: CodeListData) => codeList(data, 'edifact')

export const ANSWER = list(answer)
export const REFERENCE = list(reference)
export const PURPOSE = list(purpose)
export const DATE_KIND = list(moment)
export const PARTY = list(party)
export const IDENTIFIER = list(agency)
export const CONTACT = list(contact)
export const PAYMENT = list(payment)
export const DISCREPANCY = list(discrepancy)
export const NOTE_TOPIC = list(textTopic)
export const PACKAGING = list(packaging)
export const ARTICLE = list(article)
export const EQUIPMENT = list(equipment)
export const MODE = list(mode)
export const INVOICE_KIND = list(invoiceKind)
export const TERMS_FROM = list(termsFrom)
export const TERMS_KIND = list(termsKind)
export const SETTLEMENT = list(settlement)
export const TAX_KIND = list(taxKind)
/** Words apart from those of 7161: both say what an allowance or charge is for. */
export const AGREEMENT_KIND = codeList(agreementKind, 'edifact-5189')
export const PERCENT_OF = list(percentOf)
export const TAX_CATEGORY = list(taxCategory)
export const PRICE_KIND = list(priceKind)
export const DIRECTION = list(direction)
export const SERVICE_KIND = list(serviceKind)
/** 9011, what happened: D.96A. */
export const STATUS_UNTIL_D97 = list(status)
/** 4405 as IFTSTA of later directories uses it: UN/ECE recommendation 24 with the codes GS1 has added. */
export const STATUS = list(statusLater)
export const STATUS_REASON = list(statusReason)
export const PLACE = list(place)
export const RESPONSE = list(textAnswer)

/** Every list by the number of its element. */
export const CODE_LISTS: ReadonlyMap<string, CodeList> = new Map(
  [
    ...[ANSWER, REFERENCE, PURPOSE, DATE_KIND, PARTY, IDENTIFIER, CONTACT],
    ...[PAYMENT, DISCREPANCY, NOTE_TOPIC, PACKAGING, ARTICLE, EQUIPMENT, MODE],
    ...[INVOICE_KIND, TERMS_FROM, TERMS_KIND, SETTLEMENT, TAX_KIND, AGREEMENT_KIND, PERCENT_OF],
    ...[TAX_CATEGORY, PRICE_KIND, DIRECTION, SERVICE_KIND],
    ...[STATUS_UNTIL_D97, STATUS, STATUS_REASON, PLACE, RESPONSE, list(syntaxError)],
  ].map((codes) => [codes.element, codes]),
)
