// The segment tables of the messages as slots for their maps: which segment or group stands where, how often, and
// whether it must. Source: the UN directories D.96A and D.01B, and the service directories for CONTRL.
import { ANY, kept, keptLoop, type SlotOf } from '../map.js'
import aperak from './structures/aperak.json' with { type: 'json' }
import contrl from './structures/contrl.json' with { type: 'json' }
import desadv from './structures/desadv.json' with { type: 'json' }
import iftsta from './structures/iftsta.json' with { type: 'json' }
import insdes from './structures/insdes.json' with { type: 'json' }
import invoic from './structures/invoic.json' with { type: 'json' }

/** `DTM C 10` or a group: `SG2 C 99`, then its trigger, segments and groups. */
type Row = string | readonly Row[]

const STRUCTURES = {
  APERAK: aperak,
  CONTRL: contrl,
  DESADV: desadv,
  IFTSTA: iftsta,
  INSDES: insdes,
  INVOIC: invoic,
} as const

export type MessageType = keyof typeof STRUCTURES

/** More than this is not counted. */
const MANY = 99_999
/** Divides a message into sections; what stands behind it may have stood before it. */
const SECTION = 'UNS'

/**
 * The slots of a message between UNH and UNT. `release` is `D:96A`, `D:01B`, or `D:3` and `4:1` for CONTRL; a message
 * that its directory does not have (INSDES in D.96A, which EANCOM 97 added) is given as the later one has it.
 */
export function structureOf(message: MessageType, release: string): SlotOf<unknown>[] {
  const releases: Readonly<Record<string, readonly Row[]>> = STRUCTURES[message]
  const rows = releases[release] ?? Object.values(releases).at(-1) ?? []
  return slots(rows)
}

/** The slots inside a group, found by the tags that open it and the groups around it. */
export function groupOf(
  structure: readonly SlotOf<unknown>[],
  ...[tag, ...rest]: readonly string[]
): SlotOf<unknown>[] {
  const slot = structure.find((one) => (one.name ?? one.tag) === tag && one.body !== undefined)
  if (slot?.body === undefined) throw new Error(`no group ${tag}`)
  return rest.length === 0 ? [...slot.body] : groupOf(slot.body, ...rest)
}

function slots(rows: readonly Row[]): SlotOf<unknown>[] {
  const out: SlotOf<unknown>[] = []
  for (const row of rows) {
    const slot = typeof row === 'string' ? segment(row) : group(row)
    const isAgain = out.some(({ tag }) => tag === slot.tag)
    const isSummary = out.some(({ tag }) => tag === SECTION)
    if (isAgain && !isSummary) throw new Error(`${slot.tag} stands twice on one level`)
    out.push(isAgain ? { ...slot, name: `${slot.tag}-S` } : slot)
  }
  return out
}

function segment(row: string): SlotOf<unknown> {
  const [tag = '', use, max] = row.split(' ')
  return kept(tag, times(max), use === 'M' ? 'M' : 'O')
}

function group([head, trigger, ...rest]: readonly Row[]): SlotOf<unknown> {
  const [, use, max] = String(head).split(' ')
  const [tag = ''] = String(trigger).split(' ')
  return { ...keptLoop(tag, times(max), slots(rest)), usage: use === 'M' ? 'M' : 'O' }
}

const times = (max: string | undefined): number => (Number(max) >= MANY ? ANY : Number(max))
