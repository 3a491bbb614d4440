// The mailbox channel as every channel; how partners fetch from it is test/gateway/http/messages.test.ts.
import { mailboxChannel } from '../../../../gateway/channels/mailbox/index.js'
import { channelConformance } from '../../../conformance/channel.js'

channelConformance({}, async () => ({
  channel: mailboxChannel({ now: Date.now }),
  address: {},
  wrongAddresses: [{ url: 'https://partner.example' }],
}))
