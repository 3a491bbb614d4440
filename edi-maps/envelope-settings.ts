// What an agreement says of the envelope of what we send; the same for both standards.
import type { Agreement } from './agreement.js'
import type { EnvelopeSettings } from './standard.js'

export function settingsOf(agreement: Agreement): EnvelopeSettings {
  const { us, partner, environment, delimiters, charset, replacement, timezone, acks } = agreement
  return {
    sender: us,
    receiver: partner,
    test: environment === 'test',
    ...(delimiters === undefined ? {} : { delimiters }),
    ...(charset === undefined ? {} : { charset }),
    ...(replacement === undefined ? {} : { replacement }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(acks?.expected === true ? { acknowledgementRequested: true } : {}),
  }
}
