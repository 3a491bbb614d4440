// What every channel owes the gateway (gateway/channels/channel.ts), run by each channel's own test with a partner of
// its kind. Bytes go through real sockets, files and tables; only the mailbox can be told to fail.
import { expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Channel, Payload, Receipt, SendMeta } from '../../gateway/channels/channel.js'
import { PermanentError } from '../../gateway/errors.js'
import { until } from '../postgres.js'

/** What a kind of channel does at all; only that is tested. */
export interface Abilities {
  /** `send` brings the bytes somewhere; else they wait where the gateway keeps them. */
  readonly carries?: true
  /** It goes to the partner itself, who may be away. */
  readonly goes?: true
  /** There are addresses that mean no for good. */
  readonly refuses?: true
  /** Partners hand in files through it. */
  readonly takes?: true
}

export interface ChannelHarness {
  /** A started channel. */
  readonly channel: Channel
  readonly address: unknown
  /** Stores bytes as the gateway has them before it sends them, for a channel that lays them out. */
  keep?(bytes: Buffer): Promise<void>
  /** Addresses that must not pass `settingsSchema`; none where it has no settings. */
  readonly wrongAddresses: readonly unknown[]
  /** An address nobody answers at, where the channel itself goes to the partner. */
  readonly unreachable?: unknown
  /** An address whose partner, or whose lack of one, means no for good. */
  readonly refusing?: unknown
  /** All payloads the partner has got so far; one that fetches does it now. What it can tell to be a repeat counts once. */
  arrived?(): Promise<readonly Buffer[]>
  /** Receipts given to the mailbox later than `send` returned. */
  receipts?(): Promise<readonly { sendId: string; receipt: Receipt }[]>
  /** The partner hands in a file; gives whether it was told that it arrived. */
  handIn?(name: string, bytes: Buffer): Promise<boolean>
  /** Bytes the gateway has taken durably, in any order. */
  taken?(): Promise<readonly { identity: string; bytes: Buffer }[]>
  /** Identity of that partner. */
  readonly identity?: string
  /** Lets every deposit fail, as with a database that is away; or not any more. */
  failDeposits?: (fail: boolean) => void
}

const payloadOf = (bytes: Buffer): Payload => ({
  sha256: createHash('sha256').update(bytes).digest(),
  size: bytes.length,
  async *read() {
    for (let at = 0; at < bytes.length; at += 262_144) yield bytes.subarray(at, at + 262_144)
  },
})

const metaOf = (key: string, transmission = 1): SendMeta => ({
  sendId: key,
  partner: 'example-retail',
  idempotencyKey: `${key}.${transmission}`,
  correlationId: key,
  contentType: 'application/edi-x12',
  fileName: `856-${key.slice(0, 8)}.edi`,
})

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Declares the tests. `open` is called in the first of them. */
export function channelConformance(
  abilities: Abilities,
  open: () => Promise<ChannelHarness>,
): void {
  let opened: Promise<ChannelHarness> | undefined
  const harness = () => (opened ??= open())

  test('its settings pass their schema, wrong ones do not', async () => {
    const { channel, address, wrongAddresses } = await harness()
    const check = new Ajv({ allErrors: true }).compile(channel.settingsSchema)
    expect([check(address), check.errors]).toEqual([true, null])
    for (const wrong of wrongAddresses) expect([wrong, check(wrong)]).toEqual([wrong, false])
  })

  if (abilities.carries) carrying(harness)
  else
    test('what is sent waits for the partner', async () => {
      const { channel, address } = await harness()
      const receipt = await channel.send(address, payloadOf(randomBytes(9)), metaOf(randomUUID()))
      expect(receipt.state).toBe('awaiting')
    })
  if (abilities.goes)
    test('a partner that cannot be reached is worth another try', async () => {
      const { channel, unreachable } = await harness()
      const bytes = payloadOf(Buffer.from('ISA'))
      const error: unknown = await channel.send(unreachable, bytes, metaOf(randomUUID())).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(Error)
      expect(error).not.toBeInstanceOf(PermanentError)
    })
  if (abilities.refuses)
    test('a no for good is a receipt that says why, not an exception', async () => {
      const { channel, refusing } = await harness()
      const bytes = payloadOf(Buffer.from('ISA'))
      const receipt = await channel.send(refusing, bytes, metaOf(randomUUID()))
      expect(receipt).toMatchObject({ state: 'refused', retry: false })
      expect(receipt).toHaveProperty('reason')
    })
  if (abilities.takes) taking(harness)
}

function carrying(harness: () => Promise<ChannelHarness>): void {
  const count = async (bytes: Buffer) => {
    const { arrived } = await harness()
    return (await arrived!()).filter((one) => digest(one) === digest(bytes)).length
  }

  const send = async (bytes: Buffer, meta: SendMeta) => {
    const { channel, address, keep } = await harness()
    await keep?.(bytes)
    return channel.send(address, payloadOf(bytes), meta)
  }

  test.each([
    ['one byte', Buffer.of(0)],
    ['every byte value', Buffer.from(Array.from({ length: 256 }, (_, n) => n))],
    ['several parts', randomBytes(700_001)],
  ])('%s: the partner gets it unchanged, and the receipt says so', async (_title, bytes) => {
    const { receipts } = await harness()
    const key = randomUUID()
    const receipt = await send(bytes, metaOf(key))
    expect(await count(bytes)).toBe(1)
    if (receipt.state === 'awaiting' && receipts)
      await until('the receipt is given', async () =>
        (await receipts()).some((one) => one.sendId === key && one.receipt.state === 'transferred'),
      )
    else expect(receipt.state).toBe('transferred')
  })

  test('a try that is repeated is one delivery, a retransmission is another', async () => {
    const bytes = randomBytes(5_000)
    const key = randomUUID()
    for (let tries = 0; tries < 3; tries++) await send(bytes, metaOf(key))
    expect(await count(bytes)).toBe(1)
    await send(bytes, metaOf(key, 2))
    expect(await count(bytes)).toBe(2)
  })

  test('several at once do not get mixed up', async () => {
    const all = Array.from({ length: 6 }, () => randomBytes(40_000))
    await Promise.all(all.map((bytes) => send(bytes, metaOf(randomUUID()))))
    for (const bytes of all) expect(await count(bytes)).toBe(1)
  })
}

function taking(harness: () => Promise<ChannelHarness>): void {
  const stored = async (bytes: Buffer) => {
    const { taken } = await harness()
    return (await taken!())
      .filter((one) => digest(one.bytes) === digest(bytes))
      .map((one) => one.identity)
  }

  test('what the partner hands in is durable when it is told so, under its identity, once', async () => {
    const { handIn, identity } = await harness()
    const bytes = randomBytes(300_000)
    expect(await handIn!('in-1.edi', bytes)).toBe(true)
    expect(await stored(bytes)).toEqual([identity])
    await handIn!('in-1.edi', bytes)
    expect(await stored(bytes)).toEqual([identity])
  })

  test('what cannot be stored is not said to have arrived, and comes when it is handed in again', async () => {
    const { handIn, failDeposits } = await harness()
    const bytes = randomBytes(20_000)
    failDeposits!(true)
    expect(await handIn!('in-2.edi', bytes)).toBe(false)
    failDeposits!(false)
    expect(await handIn!('in-2.edi', bytes)).toBe(true)
    expect(await stored(bytes)).toHaveLength(1)
  })
}
