// SFTP as a channel: partners log in to us and find their files laid out, or we log in to them.
import { join } from 'node:path'
import type { Fault } from '../../fault.js'
import type { NewId } from '../../ids.js'
import type { SftpStore } from '../../store/sftp.js'
import type { SftpConnections } from '../../store/sftp-connections.js'
import type { Channel, Mailbox } from '../channel.js'
import { courier } from './courier.js'
import { hostKeysIn, publicPart } from './keys.js'
import type { Attempts } from './login.js'
import { mailroom } from './mailroom.js'
import { poller } from './poller.js'
import { startServer, type SftpServer } from './server.js'
import { SftpAddress } from './settings.js'
import { StagingArea } from './staging.js'
import { PartnerTree } from './tree.js'

export interface SftpChannelOptions {
  readonly store: SftpStore
  readonly connections: SftpConnections
  /** Folder of the gateway's data; host keys and unfinished uploads lie in `sftp` below it. */
  readonly data: string
  /** Where to listen; absent: partners cannot log in to this process. Port 0 takes a free one. */
  readonly listen?: { readonly host: string; readonly port: number; readonly idleMs?: number }
  /** Folder for files fetched, on their way into the store. */
  readonly spoolFolder: string
  readonly newId: NewId
  readonly now: () => number
  readonly random: () => number
  readonly fault: Fault
  /** True while the gateway has enough to do: nothing more is fetched. */
  readonly busy: () => boolean
  readonly attempts: Attempts
  readonly audit: (actor: string, action: string, detail: Readonly<Record<string, unknown>>) => void
  /** A failure of ours that no partner and no job is told of. */
  readonly failed: (error: unknown, about: Readonly<Record<string, unknown>>) => void
}

export interface SftpChannel extends Channel<SftpAddress> {
  /** Port of the server once started; undefined without one. */
  port(): number | undefined
  /** What partners pin: lines of known_hosts without the host, and fingerprints. */
  hostKeys(): Promise<{ line: string; fingerprint: string }[]>
}

export function sftpChannel(options: SftpChannelOptions): SftpChannel {
  const { store, newId, now, failed } = options
  const staging = new StagingArea(join(options.data, 'sftp', 'staging'), store.storedBytes)
  const keyFolder = join(options.data, 'sftp')
  const room = mailroom({
    store,
    newId,
    now,
    failed: (error) => failed(error, { task: 'receipts of fetched files' }),
  })
  const polls = poller({ ...options, note: options.audit })
  const putting = courier(options)
  let server: SftpServer | undefined
  let mailbox: Mailbox | undefined

  const started = () => {
    if (!mailbox) throw new Error('the SFTP channel has not been started')
    return mailbox
  }

  /** Gives receipts that are due, removes what is past its time and tells of what is not fetched. */
  const housekeep = async () => {
    await room.report(started())
    await store.removeExpired()
    await store.flagUnfetched()
    await options.connections.removeOldPuts()
    for (const account of await store.listAccounts())
      await staging.expire(account.name, account.settings.resumeHours, now())
  }

  return {
    kind: 'sftp',
    settingsSchema: SftpAddress,
    tasks: [
      { name: 'sftp files', everyMs: 60_000, run: housekeep },
      { name: 'sftp polls', everyMs: 1_000, run: () => polls.begin(started()) },
    ],
    start: async (given) => {
      mailbox = given
      if (!options.listen) return
      server = await startServer({
        ...options.listen,
        hostKeys: await hostKeysIn(keyFolder),
        findAccount: store.findAccount,
        attempts: options.attempts,
        treeOf: (account, address, note) =>
          new PartnerTree(account, {
            files: store,
            staging,
            mailbox: given,
            newId,
            note,
            address,
            fetched: () => void room.report(given),
          }),
        audit: options.audit,
        failed,
      })
    },
    stop: async () => {
      await polls.stop()
      putting.stop()
      await server?.close()
      if (mailbox) await room.report(mailbox)
      server = undefined
    },
    send: (address, payload, meta) => {
      const { account, connection, folder } = address
      return account === undefined
        ? putting.send({ connection: connection ?? '', folder }, payload, meta)
        : room.layOut({ account, folder }, payload, meta)
    },
    port: () => server?.port,
    hostKeys: async () => (await hostKeysIn(keyFolder)).map((key) => publicPart(key)),
  }
}
