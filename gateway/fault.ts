// Named places at which a test lets the process die as by kill -9, to show that nothing is lost or doubled there.

/** Every place, in the order a message meets them. docs/architecture.md says what makes each safe. */
const FAULT_POINTS = [
  'payload-encrypted',
  'as2-spooled',
  'as2-claimed',
  'as2-opened',
  'deposit-begun',
  'deposit-before-commit',
  'deposit-committed',
  'lane-claimed',
  'batch-prepared',
  'batch-before-commit',
  'batch-committed',
  'slice-committed',
  'deliver-before-call',
  'deliver-answered',
  'outbox-leased',
  'outbox-stored',
  'send-numbered',
  'transfer-before-call',
  'as2-built',
  'as2-before-post',
  'as2-posted',
  'as2-report-opened',
  'as2-report-taken',
  'put-completing',
  'put-renamed',
  'transfer-answered',
  'fetch-downloaded',
  'fetch-committed',
  'report-answered',
  'sweep-claimed',
] as const
export type FaultPoint = (typeof FAULT_POINTS)[number]
export type Fault = (point: FaultPoint) => void

/**
 * `setting` is `<point>` or `<point>:<n>` for the n-th time it is passed; absent or empty: nothing ever happens.
 * Throws for an unknown point, since a misspelt one would make a test pass for nothing.
 */
export function faultAt(setting: string | undefined, die: () => void): Fault {
  if (!setting) return () => undefined
  const [name, count = '1'] = setting.split(':')
  if (!FAULT_POINTS.some((point) => point === name) || !/^[1-9]\d*$/.test(count))
    throw new Error(`unknown fault point ${setting}`)
  let left = Number(count)
  return (point) => {
    if (point === name && --left === 0) die()
  }
}
