// `edigw as2 test` and `edigw as2 send`: a partner tried out. What is sent goes through the rows of the gateway that
// runs, as everything else: this command only watches it.
import { randomFillSync } from 'node:crypto'
import { basename } from 'node:path'
import { receiptOf } from '../channels/as2/build.js'
import { bestPin } from '../channels/as2/keys/pins.js'
import { probe } from '../channels/as2/probe.js'
import type { Partner } from '../channels/as2/partner.js'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { uuidSource } from '../ids.js'
import { spoolOf } from '../spool.js'
import { openDirectory } from '../store/agreements.js'
import { openMailbox } from '../store/mailbox.js'
import { outboxByKey, transferOutcome } from '../store/outbox.js'
import { localWake } from '../wake.js'
import { unknown } from './as2-keys.js'
import { as2Reason } from './channel-remedy.js'
import { type Args, day, option, readInput, type Tools, withTools } from './as2-tools.js'

const TYPE = 'application/edi-x12'
const WAIT_SECONDS = 60

export async function sendFile(args: Args, io: Io): Promise<ExitCode> {
  const file = args.words[0]!
  const id = option(args, 'partner')
  if (id === undefined) throw new UsageError('say --partner')
  const bytes = await readInput(file)
  if (bytes.length === 0) throw new UsageError(`${file} is empty`)
  const wait = Number(option(args, 'wait') ?? WAIT_SECONDS)
  if (!(wait > 0)) throw new UsageError('--wait is a number of seconds')
  return withTools(io, async (tools) => {
    if ((await tools.partners.byId(tools.db, id)) === undefined) return unknown(io, id)
    const contentType = option(args, 'type') ?? (await agreedType(tools, id)) ?? TYPE
    const fileName = option(args, 'name') ?? basename(file)
    return exchange(tools, id, { bytes, contentType, fileName }, wait)
  })
}

/** Content type that an agreement with the partner names. */
async function agreedType({ db }: Tools, id: string): Promise<string | undefined> {
  const { book } = await openDirectory(db)()
  const found = book.active.find(({ agreement: { channel } }) => channel?.['partner'] === id)
  const type = found?.agreement.channel?.['contentType']
  return typeof type === 'string' ? type : undefined
}

export async function testPartner(args: Args, io: Io): Promise<ExitCode> {
  const id = args.words[0]!
  return withTools(io, async (tools) => {
    const partner = await tools.partners.byId(tools.db, id)
    if (partner === undefined) return unknown(io, id)
    const findings = await inspect(partner)
    for (const { ok, text } of findings)
      io.stdout.write(ok ? `ok      ${text}\n` : `MISSING ${as2Reason(text, id)}\n`)
    if (!findings.every(({ ok }) => ok)) return 1
    if (args.values['send'] !== true) {
      io.stdout.write(`Exchange a message for real: edigw as2 test ${id} --send\n`)
      return 0
    }
    const text = `This is a test message of ${partner.station}, without any business content.\r\n`
    const message = {
      ...{ bytes: Buffer.from(text), contentType: 'text/plain', fileName: 'as2-test.txt' },
    }
    return exchange(tools, id, message, WAIT_SECONDS)
  })
}

async function inspect(partner: Partner): Promise<{ ok: boolean; text: string }[]> {
  const { settings, station, keys, pins, id } = partner
  const now = new Date()
  const until = (what: string, missing: string, found: ReturnType<typeof bestPin>) =>
    found === undefined
      ? { ok: false, text: missing }
      : { ok: true, text: `${what}, valid until ${day(found.certificate.notAfter)}` }
  const found = [
    { ok: partner.active, text: `${id} (${partner.name}) and we are ${station}` },
    until(
      'our key signs and decrypts',
      `a valid key of ${station}: edigw as2 keygen ${station}`,
      bestPin(keys, 'signature', now) && bestPin(keys, 'encryption', now),
    ),
    until(
      'its certificate verifies signatures',
      `a valid certificate to verify with: edigw as2 cert import ${id} FILE`,
      bestPin(pins, 'signature', now),
    ),
    until(
      'its certificate is encrypted for',
      `a valid certificate to encrypt for: edigw as2 cert import ${id} FILE`,
      bestPin(pins, 'encryption', now),
    ),
  ]
  if (settings.url === undefined)
    return [...found, { ok: false, text: `an address: edigw as2 partner set ${id} --url URL` }]
  const { mode, signed } = receiptOf(partner)
  return [
    ...found,
    { ok: true, text: `receipts are ${mode}${mode === 'none' || !signed ? '' : ', signed'}` },
    await probe(settings.url, partner),
  ]
}

interface Outgoing {
  readonly bytes: Buffer
  readonly contentType: string
  readonly fileName: string
}

/** Queues a message for the gateway that runs, and tells how it ended. */
async function exchange(
  { db, io }: Tools,
  id: string,
  { bytes, contentType, fileName }: Outgoing,
  waitSeconds: number,
): Promise<ExitCode> {
  const newId = uuidSource(Date.now, (space) => randomFillSync(space))
  const intake = openMailbox({ db, wake: localWake(), newId })
  const key = `as2-send ${newId()}`
  await intake.answer({
    ...{ idempotencyKey: key, channel: 'as2', partnerId: id, contentType },
    ...{ payload: spoolOf(bytes), address: { partner: id, contentType, fileName } },
  })
  await intake.close()
  return outcomeOf(db, { key, id }, io, waitSeconds)
}

async function outcomeOf(
  db: Tools['db'],
  { key, id }: { readonly key: string; readonly id: string },
  io: Io,
  waitSeconds: number,
): Promise<ExitCode> {
  const end = Date.now() + waitSeconds * 1000
  for (;;) {
    const row = await outboxByKey(db, key)
    const { evidence, error } =
      row === undefined
        ? { evidence: undefined, error: undefined }
        : await transferOutcome(db, row.id)
    if (row?.state === 'transferred') {
      const fields = Object.entries(evidence ?? {}).map(
        ([name, value]) => `\n  ${name}: ${String(value)}`,
      )
      io.stdout.write(`transferred${fields.join('')}\n`)
      return 0
    }
    if (row?.state === 'awaiting') {
      io.stdout.write('handed over; the receipt comes later\n')
      return 0
    }
    if (row?.state === 'refused' || row?.state === 'dead') {
      io.stderr.write(`${row.state}: ${as2Reason(error ?? 'no reason given', id)}\n`)
      return 1
    }
    if (Date.now() > end) {
      io.stderr.write(
        error === undefined
          ? 'not sent yet: it waits for a gateway to run (edigw serve)\n'
          : `not through yet (${as2Reason(error, id)}); the gateway goes on trying\n`,
      )
      return 1
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}
