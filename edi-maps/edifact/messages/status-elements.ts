// Element codecs only IFTSTA uses: what happened (STS), when (DTM) and what the place is to the shipment (LOC).
import { meaningOf } from '../../canonical/milestones.js'
import type { StatusEvent } from '../../canonical/shipment-status.js'
import type { CodeList } from '../../code-list.js'
import { codeElement, type GroupCodec } from '../../elements.js'
import type { Through } from '../../map.js'
import { eventOf, reasonCode, reportCoarser, wordsOf } from '../../status-event.js'
import { DATE_KIND, PLACE, STATUS_REASON } from '../codes.js'
import { moment } from '../elements.js'

/** Reasons up to this number are in every directory. */
const LAST_REASON_OF_D96A = 65

/** Statuses that EDIFACT tells by the place where something arrived. */
const ARRIVED = 'arrivedAtTerminal'
const ARRIVALS: Readonly<Record<string, string>> = {
  loading: 'arrivedAtPickup',
  departure: 'arrivedAtPickup',
  delivery: 'arrivedAtDelivery',
  destination: 'arrivedAtDelivery',
}
const isArrival = (word: string) => Object.values(ARRIVALS).includes(word)

/** 9015: transport. */
const TRANSPORT = '1'

/** 9015, C555 and C556 ⇄ status, milestone, kind and reason. The list of codes is that of the release. */
export function statusAndReason(
  list: CodeList,
  release: 'D:96A' | 'D:01B',
): GroupCodec<Partial<StatusEvent>> {
  return {
    width: 3,
    refs: ['9015', list.element, STATUS_REASON.element],
    decode([, status = '', reason = ''], report) {
      if (status === '') return undefined
      const why = reason === '' ? undefined : STATUS_REASON.word(reason)
      return eventOf(list, status, why, report, 1)
    },
    encode(event, [, keptStatus, keptReason], report) {
      for (const told of wordsOf(event)) {
        const word = isArrival(told) ? ARRIVED : told
        const usual = list.code(word)
        if (usual === undefined) continue
        reportCoarser(event, told, report)
        const isKept = keptStatus !== undefined && list.word(keptStatus) === word
        const why = reasonCode(STATUS_REASON, event.reason, report, 2) ?? ''
        const isLate = release === 'D:96A' && Number(why) > LAST_REASON_OF_D96A
        const isSame = keptReason !== undefined && STATUS_REASON.word(keptReason) === event.reason
        return [TRANSPORT, isKept ? keptStatus : usual, isSame ? keptReason : isLate ? '' : why]
      }
      return undefined
    },
  }
}

/** 205: with the offset from universal time. */
const WITH_OFFSET = '205'

/** When it happened: date and time with its offset, where the source told one. */
const at: GroupCodec<string> = {
  ...moment,
  decode: (texts, report) => moment.decode(texts, report)?.replace(/\+00:00$/, 'Z'),
  encode(value, [, kept], report) {
    const hasOffset = /T.*(?:Z|[+-]\d\d:\d\d)$/.test(value)
    return moment.encode(value, [undefined, hasOffset ? WITH_OFFSET : kept], report)
  },
}

/** DTM 334, and the dates that say the same beside the status they belong to: delivered, arrived, departed. */
export const EVENT_DATES = ['334', '35', '178', '186'] as const
export const occurred: GroupCodec<string> = {
  width: 3,
  refs: [DATE_KIND.element, undefined, '2379'],
  unreadable: 'date-invalid',
  decode: ([, value = '', format = ''], report) => at.decode([value, format], report),
  encode(value, [kind, , format], report) {
    const written = at.encode(value, [undefined, format], report)
    return written === undefined ? undefined : [kind ?? EVENT_DATES[0], ...written]
  },
}

/** What the place of an event is where nothing else is said. */
const usualRole = ({ status = '' }: StatusEvent): string => USUAL_ROLES[status] ?? 'current'
const USUAL_ROLES: Readonly<Record<string, string>> = {
  arrivedAtPickup: 'loading',
  pickedUp: 'loading',
  arrivedAtDelivery: 'delivery',
  delivered: 'delivery',
}

/** 3227 ⇄ the role of the place; with an arrival it makes the status more precise. */
export const placeRole: Through<StatusEvent, string> = {
  get(event) {
    const { role, unlocode, gln, name } = event.location ?? {}
    return (role ?? unlocode ?? gln ?? name) === undefined ? undefined : (role ?? usualRole(event))
  },
  set(event, role) {
    const arrival = event.status === ARRIVED ? ARRIVALS[role] : undefined
    if (arrival !== undefined)
      Object.assign(event, { status: arrival }, meaningOf(arrival, event.reason))
    const location = (event.location ??= {})
    if (role !== usualRole(event)) location.role = role
  },
}

export const role = codeElement(PLACE)

type PlaceId = Pick<NonNullable<StatusEvent['location']>, 'unlocode' | 'gln'>

/** The number of the place alone. */
export const placeId: Through<StatusEvent, PlaceId> = {
  get({ location: { unlocode, gln } = {} }) {
    if (gln !== undefined) return { gln }
    return unlocode === undefined ? undefined : { unlocode }
  },
  set(event, id) {
    Object.assign((event.location ??= {}), id)
  },
}

/** 3055 of a place: its number is a GS1 location number; otherwise it is a UN/LOCODE. */
const GS1 = '9'

/** 3225 and its agency ⇄ UN/LOCODE or GLN. */
export const placeNumber: GroupCodec<PlaceId> = {
  width: 2,
  refs: [undefined, '3055'],
  decode([value = '', agency = '']) {
    if (value === '') return undefined
    return agency === GS1 ? { gln: value } : { unlocode: value }
  },
  encode({ unlocode, gln }, [, kept]) {
    if (gln !== undefined) return [gln, GS1]
    return unlocode === undefined
      ? ['', '']
      : [unlocode, kept !== GS1 && kept !== undefined ? kept : '']
  },
}
