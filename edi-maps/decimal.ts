// Exact arithmetic on decimal texts (`-12.50`): quantities and money are never binary fractions.

interface Scaled {
  readonly digits: bigint
  readonly scale: number
}

function scaled(text: string): Scaled {
  const point = text.indexOf('.')
  if (point < 0) return { digits: BigInt(text), scale: 0 }
  return {
    digits: BigInt(text.slice(0, point) + text.slice(point + 1)),
    scale: text.length - point - 1,
  }
}

function text({ digits, scale }: Scaled): string {
  const sign = digits < 0n ? '-' : ''
  const plain = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  if (scale === 0) return sign + plain
  const fraction = plain.slice(-scale).replace(/0+$/, '')
  return sign + plain.slice(0, -scale) + (fraction === '' ? '' : `.${fraction}`)
}

const INTEGER = /^-?\d{1,15}$/

/** Sum of decimal texts, without trailing zeros in the fraction; the sum of nothing is `0`. */
export function sum(values: Iterable<string>): string {
  let small = 0
  let total: Scaled | undefined
  for (const value of values) {
    const quick = INTEGER.test(value) ? small + Number(value) : Infinity
    if (Math.abs(quick) <= Number.MAX_SAFE_INTEGER) small = quick
    else total = add(total ?? { digits: 0n, scale: 0 }, scaled(value))
  }
  if (total === undefined) return String(small)
  return text(add(total, { digits: BigInt(small), scale: 0 }))
}

/** `a - b`, without trailing zeros in the fraction. */
export function difference(a: string, b: string): string {
  const { digits, scale } = scaled(b)
  return text(add(scaled(a), { digits: -digits, scale }))
}

function add(a: Scaled, b: Scaled): Scaled {
  const scale = Math.max(a.scale, b.scale)
  return { digits: at(a, scale) + at(b, scale), scale }
}

const at = (value: Scaled, scale: number) => value.digits * 10n ** BigInt(scale - value.scale)

/** Whether two decimal texts are the same number: `12.50` and `12.5`. */
export function equal(a: string, b: string): boolean {
  if (a === b) return true
  const [x, y] = [scaled(a), scaled(b)]
  const scale = Math.max(x.scale, y.scale)
  return at(x, scale) === at(y, scale)
}

const DIVISION_DIGITS = 8

export const negated = (value: string): string =>
  value.startsWith('-') ? value.slice(1) : `-${value}`

export const magnitude = (value: string): string => (value.startsWith('-') ? value.slice(1) : value)

/** Exact product, without trailing zeros in the fraction. */
export function product(a: string, b: string): string {
  const [x, y] = [scaled(a), scaled(b)]
  return text({ digits: x.digits * y.digits, scale: x.scale + y.scale })
}

/** `a / b` with 8 more decimals than `a` has, the rest cut off; undefined for a division by zero. */
export function quotient(a: string, b: string): string | undefined {
  const [x, y] = [scaled(a), scaled(b)]
  if (y.digits === 0n) return undefined
  const digits = x.digits * 10n ** BigInt(DIVISION_DIGITS + y.scale)
  return text({ digits: digits / y.digits, scale: x.scale + DIVISION_DIGITS })
}

/** Whether `a` is not more than `b`. */
export function atMost(a: string, b: string): boolean {
  const [x, y] = [scaled(a), scaled(b)]
  const scale = Math.max(x.scale, y.scale)
  return at(x, scale) <= at(y, scale)
}

/** Rounded half away from zero to `places` decimals, which are all written: `12.5` → `12.50`. */
export function rounded(value: string, places: number): string {
  const { digits, scale } = scaled(value)
  const sign = digits < 0n ? '-' : ''
  const whole = at({ digits: digits < 0n ? -digits : digits, scale }, Math.max(scale, places + 1))
  const cut = 10n ** BigInt(Math.max(scale, places + 1) - places)
  const kept = ((whole + cut / 2n) / cut).toString().padStart(places + 1, '0')
  const number = places === 0 ? kept : `${kept.slice(0, -places)}.${kept.slice(-places)}`
  return /[1-9]/.test(number) ? sign + number : number
}

/** `value / parts` where that is exact within three more decimals, otherwise undefined. */
export function share(value: string, parts: number): string | undefined {
  const { digits, scale } = scaled(value)
  const fine = digits * 1000n
  if (fine % BigInt(parts) !== 0n) return undefined
  return text({ digits: fine / BigInt(parts), scale: scale + 3 })
}
