// Findings with what the acknowledgement of their interchange tells of each, which is known when that ends.
import type { Issue } from '../edi-maps/issue.js'
import type { Group, Interchange, Transaction } from '../edi-maps/standard.js'
import { syntaxOf } from '../edi-maps/syntaxes.js'
import { asTold, toldOf, usualType, type Told } from '../edi-maps/told.js'
import { UsageError } from './command.js'
import type { Validated } from './validate-edi.js'

/** Types of acknowledgement as commands take them. */
const TYPES: readonly string[] = (['x12', 'edifact'] as const).flatMap(
  (standard) => syntaxOf(standard).acknowledgements,
)

/** `--type` as given; a UsageError when there is no such acknowledgement. */
export function givenType(text: string | undefined): string | undefined {
  const type = text?.toLowerCase()
  if (type !== undefined && !TYPES.includes(type))
    throw new UsageError(`--type ${text} is none of ${TYPES.join(', ')}`)
  return type
}

/** The type that answers an interchange: the usual one where none is given, a UsageError where that one does not fit. */
export function answerType(interchange: Interchange, type = usualType(interchange)): string {
  const { standard } = interchange
  const { acknowledgements } = syntaxOf(standard)
  if (acknowledgements.includes(type)) return type
  const where = placeOf(interchange)
  const known = acknowledgements.join(', ')
  throw new UsageError(`--type ${type} does not answer ${standard} (${where}); known: ${known}`)
}

/** `line 3, ISA with control number 000000101`, or `without control number`. */
export const placeOf = ({ control, controlPlace: { line, tag } }: Interchange): string =>
  `line ${line}, ${tag} ${control === '' ? 'without control number' : `with control number ${control}`}`

/** Findings of one interchange that are held until it ends; of one with more no codes are told. */
export const MOST_HELD = 20_000

const NOT_TOLD: Told = new Map()

/** The same, each finding with the code it is told by, or none; findings come when their interchange ends. */
export async function* acknowledgedEdi(
  validated: AsyncIterable<Validated>,
  type: string | undefined,
): AsyncGenerator<Validated> {
  let held = new Held()
  for await (const read of validated) {
    held.add(read)
    if ('interchange' in read) {
      yield* held.take(held.told(read, type))
      held = new Held()
    } else if (read.issues.length === 0) yield read
    else if (held.isFull) yield* held.take(NOT_TOLD)
  }
  yield* held.take(NOT_TOLD)
}

/** One interchange as far as it was read, without segments. */
class Held {
  private reads: Validated[] = []
  private count = 0
  private readonly found = new Map<Transaction, readonly Issue[]>()
  /** With the types of which a transaction without findings was seen. */
  private readonly groups = new Map<Group, { transactions: Transaction[]; clean: Set<string> }>()

  get isFull(): boolean {
    return this.count > MOST_HELD
  }

  add(read: Validated): void {
    const { issues } = read
    this.count += issues.length
    if ('group' in read) this.keep(read)
    if (issues.length > 0 || 'interchange' in read) this.reads.push(read)
  }

  private keep({ group, transaction, issues }: Extract<Validated, { group: Group }>): void {
    const known = this.groups.get(group) ?? { transactions: [], clean: new Set() }
    this.groups.set(group, known)
    // Of those without findings one of each type says the same of its group as all of them.
    if (transaction === undefined) return
    if (issues.length === 0 && known.clean.has(transaction.type)) return
    const light = { ...transaction, segments: [] }
    known.transactions.push(light)
    this.found.set(light, issues)
    if (issues.length === 0) known.clean.add(transaction.type)
  }

  told(
    { interchange }: Extract<Validated, { interchange: Interchange }>,
    type: string | undefined,
  ): Told {
    if (this.isFull) return NOT_TOLD
    const groups = [...this.groups].map(([group, { transactions }]) => ({ ...group, transactions }))
    const whole = { ...interchange, groups }
    return toldOf(whole, {
      type: answerType(whole, type),
      findings: (transaction) => this.found.get(transaction) ?? [],
    })
  }

  *take(told: Told): Generator<Validated> {
    for (const read of this.reads) yield { ...read, issues: asTold(read.issues, told) }
    this.reads = []
  }
}
