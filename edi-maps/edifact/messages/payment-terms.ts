// PAT with its dates, percentage and amount ⇄ payment terms. A PAT says either when the whole is due or a discount for
// earlier payment; the terms of one agreement may say both, and are then two PATs that follow each other.
import type { Invoice } from '../../canonical/document.js'
import type { PaymentTerms } from '../../canonical/invoice.js'
import { code, text, type GroupCodec } from '../../elements.js'
import { bind, on, type SlotOf, type View } from '../../map.js'
import { TERMS_FROM, TERMS_KIND } from '../codes.js'
import { number } from '../elements.js'
import { fixed } from './fixed.js'
import { amountOf } from './invoice-elements.js'
import { localDate } from './line-items.js'

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
    if (last !== undefined && completes(last, part))
      Object.assign(last, { ...own, kind: last.kind })
    else terms.push(own)
    return true
  },
}

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
  const hasDiscount =
    (discountDays ?? discountDue ?? discountPercent ?? discountAmount) !== undefined
  const hasNet = (netDays ?? netDue) !== undefined
  const isDiscount = kind === DISCOUNT
  const [first, second] = isDiscount ? [discount, net] : [net, discount]
  const isSecondSaid = isDiscount ? hasNet : hasDiscount
  return [
    {
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

/** Whether a PAT says the other half of the terms before it, in a way that would be written again as it came. */
function completes(terms: PaymentTerms, part: Part): boolean {
  if (part.extras !== undefined || part.text !== undefined || part.from !== terms.from) return false
  const hasNet = (terms.netDays ?? terms.netDue) !== undefined
  const hasDiscount =
    (terms.discountDays ?? terms.discountDue ?? terms.discountPercent ?? terms.discountAmount) !==
    undefined
  if (terms.kind === DISCOUNT) {
    const saysNet = part.kind === BASIC && (part.days ?? part.netDue) !== undefined
    return (
      !hasNet &&
      saysNet &&
      part.discountDue === undefined &&
      part.percent === undefined &&
      part.amount === undefined
    )
  }
  const saysDiscount = (part.days ?? part.discountDue ?? part.percent ?? part.amount) !== undefined
  return (
    !hasDiscount &&
    part.kind === DISCOUNT &&
    saysDiscount &&
    part.netDue === undefined &&
    terms.kind !== undefined
  )
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

/** PAT; `structure` are the slots after it. */
export const paymentTerms = (structure: readonly SlotOf<unknown>[]) =>
  on<Invoice>().view(
    partsView,
    (): Part => ({}),
    {},
    [
      part.at(1, 'kind', code(TERMS_KIND)),
      // 4277 must be there beside a text: as agreed between the partners.
      fixed('2-1', 'ZZZ', (one) => one.text !== undefined),
      part.at('2-4', 'text', text),
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
