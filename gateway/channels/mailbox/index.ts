// Channel mailbox: bytes wait until the partner fetches them through the API and says that they have arrived.
import { object } from '../../../edi-maps/canonical/values.js'
import type { Channel } from '../channel.js'

/** No one is reminded before this: how long bytes may wait is the partner's affair, acknowledgements are watched. */
const WAIT_MS = 366 * 24 * 3_600_000

export function mailboxChannel({ now }: { now: () => number }): Channel {
  return {
    kind: 'mailbox',
    settingsSchema: object({}),
    start: async () => {},
    stop: async () => {},
    send: async () => ({ state: 'awaiting', until: new Date(now() + WAIT_MS) }),
  }
}
