// The EDIFACT code lists there are, by element. A new list is a JSON file and a line here.
import { codeList, type CodeList, type CodeListData } from '../code-list.js'
import answer from './codes/0083.json' with { type: 'json' }
import reference from './codes/1153.json' with { type: 'json' }
import purpose from './codes/1225.json' with { type: 'json' }
import moment from './codes/2005.json' with { type: 'json' }
import party from './codes/3035.json' with { type: 'json' }
import agency from './codes/3055.json' with { type: 'json' }
import contact from './codes/3139.json' with { type: 'json' }
import payment from './codes/4215.json' with { type: 'json' }
import discrepancy from './codes/4221.json' with { type: 'json' }
import textTopic from './codes/4451.json' with { type: 'json' }
import packaging from './codes/7065.json' with { type: 'json' }
import article from './codes/7143.json' with { type: 'json' }
import equipment from './codes/8053.json' with { type: 'json' }
import mode from './codes/8067.json' with { type: 'json' }

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

/** Every list by the number of its element. */
export const CODE_LISTS: ReadonlyMap<string, CodeList> = new Map(
  [
    ...[ANSWER, REFERENCE, PURPOSE, DATE_KIND, PARTY, IDENTIFIER, CONTACT],
    ...[PAYMENT, DISCREPANCY, NOTE_TOPIC, PACKAGING, ARTICLE, EQUIPMENT, MODE],
  ].map((codes) => [codes.element, codes]),
)
