// The check of agreements outside a running gateway: with the same channels and maps as inside.
import { agreementCheck, type AgreementCheck } from './agreement.js'
import { mailboxChannel } from './channels/mailbox/index.js'
import { restChannel } from './channels/rest/index.js'
import type { Channel } from './channels/channel.js'
import { edi } from './edi.js'

/** Only the channels' settings are looked at; nothing is opened. */
export const standardCheck = (): AgreementCheck =>
  agreementCheck(
    [restChannel({ fetch }) as Channel, mailboxChannel({ now: () => 0 })],
    edi.checkDocument,
    edi.checkAcks,
  )
