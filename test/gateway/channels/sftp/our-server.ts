// Our SFTP server as the gateway runs it: real store, real mailbox, a free port on this machine.
import { afterAll } from '@jest/globals'
import { Ajv } from 'ajv'
import { randomFillSync } from 'node:crypto'
import {
  sftpChannel,
  type SftpChannel,
  type SftpChannelOptions,
} from '../../../../gateway/channels/sftp/channel.js'
import { AccountSettings, ConnectionSettings } from '../../../../gateway/channels/sftp/settings.js'
import type { Mailbox, Receipt } from '../../../../gateway/channels/channel.js'
import { uuidSource } from '../../../../gateway/ids.js'
import { hashPassword } from '../../../../gateway/security/password.js'
import { openMailbox } from '../../../../gateway/store/mailbox.js'
import type { Db } from '../../../../gateway/store/db.js'
import { sealer } from '../../../../gateway/security/sealing.js'
import { sftpConnections } from '../../../../gateway/store/sftp-connections.js'
import { sftpStore, type SftpStore } from '../../../../gateway/store/sftp.js'

export const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))

const ajv = new Ajv({ useDefaults: true, allErrors: true })
const fill = ajv.compile<AccountSettings>(AccountSettings)
const fillConnection = ajv.compile<ConnectionSettings>(ConnectionSettings)

/** Settings with their defaults. */
export function accountSettings(given: object = {}): AccountSettings {
  const settings: unknown = structuredClone(given)
  if (!fill(settings)) throw new Error(JSON.stringify(fill.errors))
  return settings
}

export function connectionSettings(given: object): ConnectionSettings {
  const settings: unknown = structuredClone(given)
  if (!fillConnection(settings)) throw new Error(JSON.stringify(fillConnection.errors))
  return settings
}

export interface AuditLine {
  readonly actor: string
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface OurServer {
  readonly channel: SftpChannel
  readonly store: SftpStore
  readonly mailbox: Mailbox
  readonly port: number
  readonly audit: AuditLine[]
  readonly failures: unknown[]
  readonly receipts: { readonly sendId: string; readonly receipt: Receipt }[]
  addAccount(
    name: string,
    more: { keys?: string[]; password?: string; settings?: object },
  ): Promise<void>
}

/** The gateway's mailbox; late receipts are also kept for the test to look at. */
export function gatewayMailbox(db: Db, receipts: OurServer['receipts'][number][]): Mailbox {
  const wake = { publish: () => undefined, consume: () => undefined, close: async () => undefined }
  const intake = openMailbox({ db, wake, newId })
  afterAll(() => intake.close())
  return {
    ...intake,
    receipt: async (sendId, receipt) => void receipts.push({ sendId, receipt }),
    resend: async () => undefined,
  }
}

export async function ourServer(
  db: Db,
  data: string,
  {
    wrapMailbox = (mailbox) => mailbox,
    ...more
  }: Partial<SftpChannelOptions> & { wrapMailbox?: (mailbox: Mailbox) => Mailbox } = {},
): Promise<OurServer> {
  const store = sftpStore(db)
  const audit: AuditLine[] = []
  const failures: unknown[] = []
  const receipts: OurServer['receipts'][number][] = []
  const mailbox = wrapMailbox(gatewayMailbox(db, receipts))
  const channel = sftpChannel({
    store,
    connections: sftpConnections(db, sealer(Buffer.alloc(32, 7))),
    data,
    spoolFolder: data,
    random: Math.random,
    fault: () => undefined,
    busy: () => false,
    listen: { host: '127.0.0.1', port: 0 },
    newId,
    now: Date.now,
    attempts: { wait: () => 0, failed: () => undefined, succeeded: () => undefined },
    audit: (actor, action, detail) => audit.push({ actor, action, detail }),
    failed: (error) => failures.push(error),
    ...more,
  })
  await channel.start(mailbox)
  afterAll(() => channel.stop())
  return {
    channel,
    store,
    mailbox,
    port: channel.port()!,
    audit,
    failures,
    receipts,
    addAccount: async (name, { keys = [], password, settings }) =>
      store.saveAccount({
        name,
        keys,
        ...(password === undefined ? {} : { password: await hashPassword(password) }),
        settings: accountSettings(settings),
        active: true,
      }),
  }
}
