// Control numbers and the clock as a person gives them to a command (`--control`, `--now`).
import type { EnvelopeNumbers, WrittenInterchange } from '../edi-maps/standard.js'
import { UsageError } from './command.js'

/** Digits a number has room for: X12 ISA13, GS06 and ST02; EDIFACT 0020, 0048 and 0062. */
const DIGITS = { x12: 9, edifact: 14 } as const

/** `I[:G[:M]]`, what is left out is 1; `now` is any date and time that Date reads. A UsageError when it is neither. */
export function givenNumbers(now: string, control = '1'): EnvelopeNumbers {
  if (Number.isNaN(Date.parse(now))) throw new UsageError(`--now ${now} is no date and time`)
  const parts = control.split(':')
  if (parts.length > 3 || !parts.every((part) => /^[1-9]\d*$/.test(part)))
    throw new UsageError(`--control ${control} is not I, I:G or I:G:M with numbers from 1`)
  const long = parts.find((part) => part.length > DIGITS.edifact)
  if (long !== undefined)
    throw new UsageError(
      `--control ${control}: ${long} has more digits than a control number may have ` +
        `(${DIGITS.x12} in X12, ${DIGITS.edifact} in EDIFACT)`,
    )
  const [interchange = 1, group = 1, message = 1] = parts.map(Number)
  return { now, interchange, group, message }
}

/** A UsageError when counting up from the given numbers came to one that its element has no room for. */
export function checkNumbers(
  standard: keyof typeof DIGITS,
  { interchange }: EnvelopeNumbers,
  { controls }: Pick<WrittenInterchange, 'controls'>,
): void {
  const used = [
    ['interchange', String(interchange)] as const,
    ...controls.flatMap(({ group = '', message }) => [
      ['group', group] as const,
      ['message', message] as const,
    ]),
  ]
  const most = DIGITS[standard]
  const over = used.find(([, number]) => number.length > most)
  if (over !== undefined)
    throw new UsageError(
      `--control: the ${over[0]} number ${over[1]} has more than the ${most} digits there are`,
    )
}

/** The numbers of the interchange that follows one that was written. */
export function numbersAfter(
  numbers: EnvelopeNumbers,
  { controls }: Pick<WrittenInterchange, 'controls'>,
): EnvelopeNumbers {
  const groups = new Set(controls.flatMap(({ group }) => group ?? [])).size
  return {
    ...numbers,
    interchange: numbers.interchange + 1,
    group: numbers.group + groups,
  }
}
