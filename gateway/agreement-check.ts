// The check of agreements outside a running gateway: with the same channels and maps as inside.
import { agreementCheck, type AgreementCheck } from './agreement.js'
import { Address as As2Address } from './channels/as2/settings.js'
import { mailboxChannel } from './channels/mailbox/index.js'
import { restChannel } from './channels/rest/index.js'
import { SftpAddress } from './channels/sftp/settings.js'
import { edi } from './edi.js'

/** Only the channels' settings are looked at; nothing is opened. */
export const standardCheck = (): AgreementCheck =>
  agreementCheck(
    [
      restChannel({ fetch }),
      mailboxChannel({ now: () => 0 }),
      { kind: 'as2', settingsSchema: As2Address },
      { kind: 'sftp', settingsSchema: SftpAddress },
    ],
    edi.checkDocument,
    edi.checkSettings,
  )
