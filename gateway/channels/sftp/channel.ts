// SFTP as a channel: partners log in to us and find their files laid out, or we log in to them.
import { join } from 'node:path'
import type { NewId } from '../../ids.js'
import type { SftpStore } from '../../store/sftp.js'
import type { Channel, Mailbox } from '../channel.js'
import { hostKeysIn, publicPart } from './keys.js'
import type { Attempts } from './login.js'
import { mailroom } from './mailroom.js'
import { startServer, type SftpServer } from './server.js'
import { SftpAddress } from './settings.js'
import { StagingArea } from './staging.js'
import { PartnerTree } from './tree.js'

export interface SftpChannelOptions {
  readonly store: SftpStore
  /** Folder of the gateway's data; host keys and unfinished uploads lie in `sftp` below it. */
  readonly data: string
  /** Where to listen; absent: partners cannot log in to this process. Port 0 takes a free one. */
  readonly listen?: { readonly host: string; readonly port: number; readonly idleMs?: number }
  readonly newId: NewId
  readonly now: () => number
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
  const staging = new StagingArea(join(options.data, 'sftp', 'staging'))
  const keyFolder = join(options.data, 'sftp')
  const room = mailroom({ store, newId, now, failed: (error) => failed(error, {}) })
  let server: SftpServer | undefined
  let mailbox: Mailbox | undefined

  const started = () => {
    if (!mailbox) throw new Error('the SFTP channel has not been started')
    return mailbox
  }

  /** Gives receipts that are due and removes what is past its time. */
  const housekeep = async () => {
    await room.report(started())
    await store.removeExpired()
    for (const account of await store.listAccounts())
      await staging.expire(account.name, account.settings.resumeHours, now())
  }

  return {
    kind: 'sftp',
    settingsSchema: SftpAddress,
    tasks: [{ name: 'sftp files', everyMs: 60_000, run: housekeep }],
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
      await server?.close()
      if (mailbox) await room.report(mailbox)
      server = undefined
    },
    send: async (address, payload, meta) => {
      if (address.account !== undefined)
        return room.layOut({ account: address.account, folder: address.folder }, payload, meta)
      return { state: 'refused', reason: 'the agreement names no SFTP account', retry: false }
    },
    port: () => server?.port,
    hostKeys: async () => (await hostKeysIn(keyFolder)).map(publicPart),
  }
}
