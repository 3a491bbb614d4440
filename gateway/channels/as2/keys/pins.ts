// Which of several certificates count at a moment: roll-over without downtime is nothing but two of them valid at once.
// An expired one counts only where a person has said until when.
import type { Certificate } from './certificate.js'

/** A certificate with what was decided about it. Times narrow or, for `acceptExpiredUntil`, widen its own validity. */
export interface Pin {
  readonly certificate: Certificate
  /** What it may be used for (default both). */
  readonly use?: 'signature' | 'encryption'
  readonly validFrom?: Date
  readonly validUntil?: Date
  /** Until then an expired certificate is accepted with a warning (`edigw as2 cert extend`). */
  readonly acceptExpiredUntil?: Date
}

export type PinState = 'valid' | 'not-yet' | 'expired' | 'accepted-expired'

export function pinState(pin: Pin, now: Date): PinState {
  const from = latest(pin.certificate.notBefore, pin.validFrom)
  const until = earliest(pin.certificate.notAfter, pin.validUntil)
  if (now < from) return 'not-yet'
  if (now <= until) return 'valid'
  // Taking a certificate out of use early is final; only its own expiry can be overlooked.
  const retired = pin.validUntil !== undefined && now > pin.validUntil
  const accepted = pin.acceptExpiredUntil !== undefined && now <= pin.acceptExpiredUntil
  return accepted && !retired ? 'accepted-expired' : 'expired'
}

/** All pins that count now for a use, newest first: any of them may have signed. */
export function pinsFor<P extends Pin>(
  pins: readonly P[],
  use: 'signature' | 'encryption',
  now: Date,
): P[] {
  return pins
    .filter((pin) => pin.use === undefined || pin.use === use)
    .filter((pin) => ['valid', 'accepted-expired'].includes(pinState(pin, now)))
    .sort((a, b) => rank(b, now) - rank(a, now))
}

/** The one to encrypt for or to sign with: valid before accepted-expired, then the newest. */
export function bestPin<P extends Pin>(
  pins: readonly P[],
  use: 'signature' | 'encryption',
  now: Date,
): P | undefined {
  return pinsFor(pins, use, now)[0]
}

function rank(pin: Pin, now: Date): number {
  const start = latest(pin.certificate.notBefore, pin.validFrom).getTime()
  return pinState(pin, now) === 'valid' ? start : start - 1e15
}

const latest = (a: Date, b: Date | undefined): Date => (b !== undefined && b > a ? b : a)
const earliest = (a: Date, b: Date | undefined): Date => (b !== undefined && b < a ? b : a)

/** Days before the end at which somebody is told. */
const WARN_DAYS = [60, 30, 7, 1] as const

export interface ExpiryWarning {
  readonly certificate: Certificate
  /** The threshold reached: one warning for each, however often it is looked at. */
  readonly days: (typeof WARN_DAYS)[number] | 0
  readonly until: Date
}

/** Certificates in use that end within 60, 30, 7 or 1 days or have ended (0), unless a successor is there for the same use. */
export function expiryWarnings(pins: readonly Pin[], now: Date): ExpiryWarning[] {
  return pins.flatMap((pin) => {
    const until = earliest(pin.certificate.notAfter, pin.validUntil)
    const left = (until.getTime() - now.getTime()) / 86_400_000
    if (pinState(pin, now) === 'not-yet' || left > WARN_DAYS[0]) return []
    const followed = pins.some(
      (other) =>
        other !== pin &&
        (other.use === undefined || other.use === pin.use) &&
        earliest(other.certificate.notAfter, other.validUntil) > until,
    )
    if (followed) return []
    const days = left <= 0 ? 0 : WARN_DAYS.filter((limit) => left <= limit).at(-1)!
    return [{ certificate: pin.certificate, days, until }]
  })
}
