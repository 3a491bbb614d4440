// PAT with its dates, percentage and amount ⇄ payment terms. A PAT says either when the whole is due or a discount for
// earlier payment; the terms of one agreement may say both, and are then two PATs that follow each other.
import type { Invoice } from '../../canonical/document.js'
import type { PaymentTerms } from '../../canonical/invoice.js'
import { code, type GroupCodec } from '../../elements.js'
import { bind, on, type SlotOf, type View } from '../../map.js'
import { makeExtras } from '../../path.js'
import { TERMS_FROM, TERMS_KIND } from '../codes.js'
import { localDate, number } from '../elements.js'
import { amountOf } from './invoice-elements.js'

type Extras = NonNullable<PaymentTerms['extras']>

/** One PAT. */
interface Part {
  kind?: string
  from?: string
  days?: number
  netDue?: string
  discountDue?: string
  percent?: string
  amount?: string
  text?: string
  extras?: Extras
}

const DISCOUNT = 'discount'

const partsView: View<Invoice, Part> = {
  keepsExtras: true,
  split: ({ body }) => (body.terms ?? []).flatMap(partsOf),
  join({ body }, part) {
    const terms = (body.terms ??= [])
    const last = terms.at(-1)
    const own = termsOf(part)
    if (part.kind === DISCOUNT ? saysNet(own) : saysDiscount(own)) {
      makeExtras(own, 'edifact')[ONE_PART] = true
    }
    if (last !== undefined && completes(last, part))
      Object.assign(last, { ...own, kind: last.kind })
    else terms.push(own)
    return true
  },
}

/** Mark in the extras of terms whose one PAT says both. */
const ONE_PART = 'onePAT'

/** The PATs of terms, the one of their kind first. */
function partsOf(terms: PaymentTerms): Part[] {
  const { kind, from, netDays, netDue, text, extras } = terms
  const { discountDays, discountDue, discountPercent, discountAmount } = terms
  // Days must count from something (2475 is mandatory): from the invoice, where nothing else was said.
  const start = (days: number | undefined) => {
    const base = from ?? (days === undefined ? undefined : 'invoiceDate')
    return base === undefined ? {} : { from: base }
  }
  const discount: Part = {
    kind: DISCOUNT,
    ...start(discountDays),
    ...(discountDays === undefined ? {} : { days: discountDays }),
    ...(discountDue === undefined ? {} : { discountDue }),
    ...(discountPercent === undefined ? {} : { percent: discountPercent }),
    ...(discountAmount === undefined ? {} : { amount: discountAmount }),
  }
  const net: Part = {
    kind: kind === DISCOUNT ? BASIC : (kind ?? BASIC),
    ...start(netDays),
    ...(netDays === undefined ? {} : { days: netDays }),
    ...(netDue === undefined ? {} : { netDue }),
  }
  const hasDiscount = saysDiscount(terms)
  const hasNet = saysNet(terms)
  const isDiscount = kind === DISCOUNT
  const [first, second] = isDiscount ? [discount, net] : [net, discount]
  const isOne = (extras?.['edifact'] as Record<string, unknown> | undefined)?.[ONE_PART] === true
  const isSecondSaid = !isOne && (isDiscount ? hasNet : hasDiscount)
  return [
    {
      ...(isOne ? second : {}),
      ...first,
      ...(text === undefined ? {} : { text }),
      ...(extras === undefined ? {} : { extras }),
    },
    ...(isSecondSaid ? [second] : []),
  ]
}
const BASIC = 'basic'

function termsOf({
  kind,
  from,
  days,
  netDue,
  discountDue,
  percent,
  amount,
  text,
  extras,
}: Part): PaymentTerms {
  const isDiscount = kind === DISCOUNT
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(from === undefined ? {} : { from }),
    ...(days === undefined ? {} : isDiscount ? { discountDays: days } : { netDays: days }),
    ...(netDue === undefined ? {} : { netDue }),
    ...(discountDue === undefined ? {} : { discountDue }),
    ...(percent === undefined ? {} : { discountPercent: percent }),
    ...(amount === undefined ? {} : { discountAmount: amount }),
    ...(text === undefined ? {} : { text }),
    ...(extras === undefined ? {} : { extras }),
  }
}

const saysNet = ({ netDays, netDue }: PaymentTerms) => (netDays ?? netDue) !== undefined
const saysDiscount = (of: PaymentTerms) =>
  (of.discountDays ?? of.discountDue ?? of.discountPercent ?? of.discountAmount) !== undefined

/** Whether a PAT says the other half of the terms before it, in a way that would be written again as it came. */
function completes(terms: PaymentTerms, part: Part): boolean {
  if (part.extras !== undefined || part.text !== undefined || part.from !== terms.from) return false
  const own = termsOf(part)
  if (terms.kind === DISCOUNT) {
    return part.kind === BASIC && saysNet(own) && !saysDiscount(own) && !saysNet(terms)
  }
  const isPlain = terms.kind !== undefined && part.kind === DISCOUNT
  return isPlain && saysDiscount(own) && !saysNet(own) && !saysDiscount(terms)
}

const part = on<Part>()

/** 2009 after the date, 2151 days, 2152 how many ⇄ days. Weeks and months are kept. */
const daysAfter: GroupCodec<number> = {
  width: 3,
  decode: ([relation = '', period = '', count = '']) =>
    relation === '3' && period === 'D' && /^\d{1,4}$/.test(count) ? Number(count) : undefined,
  encode: (days) => ['3', 'D', String(days)],
}

/** PCD 12 (of a discount) and a number. */
const discountPercent: GroupCodec<string> = {
  width: 2,
  unreadable: 'number-invalid',
  decode: ([kind, value = ''], report) =>
    kind === '12' && value !== '' ? number.decode(value, report) : undefined,
  encode: (value) => ['12', value],
}

/** 4277 and 4276; the code must be there beside a text: as agreed between the partners. */
const termsText: GroupCodec<string> = {
  width: 2,
  decode: ([, text = '']) => (text === '' ? undefined : text),
  encode: (text) => ['ZZZ', text],
}

/** PAT; `structure` are the slots after it. */
export const paymentTerms = (structure: readonly SlotOf<unknown>[]) =>
  on<Invoice>().view(
    partsView,
    (): Part => ({}),
    {},
    [
      part.at(1, 'kind', code(TERMS_KIND)),
      part.group(['2-1', '2-4'], 'text', termsText),
      part.at('3-1', 'from', code(TERMS_FROM)),
      part.group(['3-2', '3-3', '3-4'], 'days', daysAfter),
    ],
    bind<Part>(structure, {
      DTM: [
        part.self({ when: { '1-1': ['13', '140'] } }, ...dueDate('netDue', ['13', '140'])),
        part.self({ when: { '1-1': '12' } }, ...dueDate('discountDue', ['12'])),
      ],
      PCD: [part.self({}, part.group(['1-1', '1-2'], 'percent', discountPercent))],
      MOA: [
        part.self({ when: { '1-1': '52' } }, part.group(['1-1', '1-2'], 'amount', amountOf('52'))),
      ],
    }),
  )

/** 2005, 2380 and 2379 of a day. */
function dueDate(path: 'netDue' | 'discountDue', kinds: readonly [string, ...string[]]) {
  const codec: GroupCodec<string> = {
    width: 3,
    refs: ['2005', undefined, '2379'],
    unreadable: 'date-invalid',
    decode: ([, ...texts], report) =>
      texts[0] === '' ? undefined : localDate.decode(texts, report),
    encode(value, [kept, ...texts], report) {
      const written = localDate.encode(value, texts, report)
      const kind = kept !== undefined && kinds.includes(kept) ? kept : kinds[0]
      return written === undefined ? undefined : [kind, ...written]
    },
  }
  return [part.group(['1-1', '1-2', '1-3'], path, codec)]
}
