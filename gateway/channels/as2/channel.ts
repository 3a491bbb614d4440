// Channel as2: messages to partners and the receipts for them. What comes in is served by receive.ts on POST /as2.
import type { Channel, Mailbox } from '../channel.js'
import { warnOfExpiry } from './expiry.js'
import { CHANNEL } from './incoming.js'
import type { TakeReport } from './receive.js'
import { createSender, type SenderOptions } from './send.js'
import { Address, type ReceiptAddress } from './settings.js'

export interface As2Channel extends Channel<Address | ReceiptAddress> {
  /** Where the receiving side gives asynchronous receipts. */
  readonly takeReport: TakeReport
}

const CHASE_MS = 15_000
const EXPIRY_MS = 3_600_000

export function as2Channel(options: SenderOptions): As2Channel {
  const sender = createSender(options)
  let mailbox: Mailbox | undefined
  const started = () => {
    if (mailbox === undefined) throw new Error('the channel is not started')
    return mailbox
  }
  return {
    kind: CHANNEL,
    settingsSchema: Address,
    start: async (given) => {
      mailbox = given
    },
    stop: async () => {},
    tasks: [
      {
        name: 'as2 receipts that do not come',
        everyMs: CHASE_MS,
        run: () => sender.chaseReceipts(started()),
      },
      {
        name: 'as2 certificates that end',
        everyMs: EXPIRY_MS,
        run: () => warnOfExpiry(options.db, options.partners, options.now()),
      },
    ],
    send: sender.send,
    takeReport: (envelope, result, body) => sender.takeReport(envelope, result, body, started()),
  }
}
