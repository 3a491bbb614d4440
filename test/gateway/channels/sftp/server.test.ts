import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storeBlobs, readWholeBlob } from '../../../../gateway/store/blobs.js'
import { spoolOf } from '../../../../gateway/spool.js'
import { emptyTables, testDatabase, until } from '../../../postgres.js'
import { keyPair, openSftp, sftp, ssh, type SftpLogin } from './openssh.js'
import { newId, ourServer } from './our-server.js'
import { scratch } from './scratch.js'

const { db } = await testDatabase()
const folder = scratch()
const server = await ourServer(db, folder)
const { port } = server
let login: SftpLogin
let other: { path: string; line: string }

beforeAll(async () => {
  const [ed, rsa, ecdsa] = [
    await keyPair(folder, 'ed'),
    await keyPair(folder, 'rsa', 'rsa'),
    await keyPair(folder, 'ecdsa', 'ecdsa'),
  ]
  other = await keyPair(folder, 'other')
  await server.addAccount('example-supplier', {
    keys: [ed.line, rsa.line, ecdsa.line],
    password: 'correct horse',
  })
  login = { port, user: 'example-supplier', folder, key: ed.path }
})

beforeEach(async () => {
  await emptyTables(db, 'inbox, job, lane, stage_event, sftp_file')
  server.audit.length = 0
  server.failures.length = 0
  server.receipts.length = 0
})

/** What came into the gateway: names and bytes. */
const received = async () => {
  const rows = await db.query<{ file_name: string; sha256: Buffer; identity: string }>(
    'select file_name, sha256, identity from inbox order by received_at, id',
  )
  return Promise.all(
    rows.map(async (row) => ({ name: row.file_name, bytes: await readWholeBlob(db, row.sha256) })),
  )
}
const local = (name: string, bytes: Buffer | string) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const layOut = async (name: string, bytes: Buffer, user = 'example-supplier') => {
  const spool = spoolOf(bytes)
  await db.tx((tx) => storeBlobs(tx, [spool]))
  const sendId = newId()
  const receipt = await server.channel.send(
    { account: user },
    { sha256: spool.sha256, size: spool.size, read: () => spool.parts(262_144) },
    {
      sendId,
      partner: 'example-retail',
      idempotencyKey: sendId,
      correlationId: sendId,
      contentType: 'application/edi-x12',
      fileName: name,
    },
  )
  return { sendId, receipt }
}
const dropped = (n: number) =>
  server.audit.filter((a) => a.action === 'sftp.upload-broken-off').length >= n

test('a file put by OpenSSH is a durable payload when sftp is done, byte for byte', async () => {
  const bytes = randomBytes(700_001)
  const ran = await sftp(login, [`put ${local('856.edi', bytes)} in/856.edi`, 'ls -l in'])
  expect(ran).toMatchObject({ code: 0, err: '' })
  const [payload, ...more] = await received()
  expect(more).toEqual([])
  expect(payload!.name).toBe('856.edi')
  expect(payload!.bytes.equals(bytes)).toBe(true)
  expect(ran.out).toMatch(/-r--r----- .* 700001 .* (in\/)?856\.edi/)
  expect(await db.query('select lane, kind from job')).toEqual([
    { lane: 'in:example-supplier:sftp', kind: 'translate' },
  ])
  expect(server.failures).toEqual([])
})

test.each(['rsa', 'ecdsa'])('logs in with an %s key', async (name) => {
  const ran = await sftp({ ...login, key: join(folder, name) }, ['ls'])
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).toContain('archive')
})

test.each(['password', 'keyboard-interactive'])('logs in by %s', async (method) => {
  const way = {
    port,
    user: 'example-supplier',
    folder,
    options: [`PreferredAuthentications=${method}`],
  }
  const ran = await sftp({ ...way, password: 'correct horse' }, ['ls'])
  expect(ran.out).toContain('archive')
  const wrong = await sftp({ ...way, password: 'wrong' }, ['ls'])
  expect(wrong.code).not.toBe(0)
  expect(wrong.err).toContain('Permission denied')
})

test('refuses an unknown key, an unknown user and a user that was switched off, all with one answer', async () => {
  const ways = [
    { ...login, key: other.path },
    { ...login, user: 'nobody' },
  ]
  await server.addAccount('example-gone', { keys: [readFileSync(join(folder, 'ed.pub'), 'utf8')] })
  await server.store.saveAccount({
    ...(await server.store.findAccount('example-gone'))!,
    active: false,
  })
  ways.push({ ...login, user: 'example-gone' })
  for (const way of ways) {
    const ran = await sftp(way, ['ls'])
    expect(ran.code).toBe(255)
    expect(ran.err).toContain('Permission denied (publickey,password,keyboard-interactive)')
  }
  await until(
    'the refusals are audited',
    () => server.audit.filter((a) => a.action === 'sftp.login-refused').length === ways.length,
  )
})

test('shows the host key that partners were told to pin', async () => {
  const keys = await server.channel.hostKeys()
  expect(await sftp({ ...login, hostKeys: keys.map((key) => key.line) }, ['ls'])).toMatchObject({
    code: 0,
  })
  const wrong = await sftp({ ...login, hostKeys: [other.line] }, ['ls'])
  expect(wrong.err).toContain('Host key verification failed')
})

test('gives no shell, no command and no forwarding', async () => {
  for (const more of [['example-supplier@127.0.0.1', 'id'], ['example-supplier@127.0.0.1']]) {
    const ran = await ssh({ ...login, options: ['RequestTTY=no'] }, more)
    expect(ran.code).not.toBe(0)
    expect(ran.out).toBe('')
  }
  const forward = await ssh({ ...login, options: ['ExitOnForwardFailure=yes'] }, [
    '-W',
    '127.0.0.1:22',
    'example-supplier@127.0.0.1',
  ])
  expect(forward.err).toContain('forwarding failed')
  const reverse = await ssh({ ...login, options: ['ExitOnForwardFailure=yes'] }, [
    '-N',
    '-R',
    '0:127.0.0.1:22',
    'example-supplier@127.0.0.1',
  ])
  expect(reverse.err).toContain('remote port forwarding failed')
})

test('stays inside the partner’s root and its folders', async () => {
  const file = local('x.edi', 'ISA')
  for (const command of [
    'get ../../../../etc/passwd',
    'get /etc/passwd',
    `put ${file} /x.edi`,
    `put ${file} /etc/x.edi`,
    `put ${file} out/x.edi`,
    `put ${file} archive/x.edi`,
    'mkdir in/new',
    'rmdir in',
    'rm in',
    `symlink /etc/passwd in/link`,
    `put ${file} "in/a\\\\b.edi"`,
  ]) {
    const ran = await sftp(login, [command])
    expect([command, ran.code]).toEqual([command, 1])
  }
  expect(await received()).toEqual([])
  const other = await sftp(login, ['cd ../../..', 'pwd', 'ls'])
  expect(other.out).toContain('Remote working directory: /\n')
  expect(server.failures).toEqual([])
})

test('a temporary name is not taken until it is renamed', async () => {
  const ran = await sftp(login, [`put ${local('a.edi', 'ISA*1')} in/a.edi.filepart`, 'ls in'])
  expect(ran.code).toBe(0)
  expect(ran.out).toContain('a.edi.filepart')
  expect(await received()).toEqual([])
  expect(await sftp(login, ['rename in/a.edi.filepart in/a.edi'])).toMatchObject({
    code: 0,
    err: '',
  })
  expect((await received()).map((p) => p.name)).toEqual(['a.edi'])
  const again = await sftp(login, ['rename in/a.edi in/b.edi'])
  expect(again.err).toContain('Permission denied')
})

test('the same file again is one delivery, another content under the name is two', async () => {
  const first = local('same.edi', 'ISA*1')
  for (let n = 0; n < 3; n++) expect((await sftp(login, [`put ${first} in/same.edi`])).code).toBe(0)
  expect(await received()).toHaveLength(1)
  expect((await sftp(login, [`put ${local('same.edi', 'ISA*2')} in/same.edi`])).code).toBe(0)
  expect((await received()).map((p) => p.bytes.toString())).toEqual(['ISA*1', 'ISA*2'])
})

test('an upload whose connection dies is never published, not even renamed, and reput finishes it', async () => {
  const bytes = randomBytes(40_000_000)
  const file = local('big.edi', bytes)
  const client = openSftp({ ...login, options: ['Ciphers=aes128-ctr'] })
  client.stdin!.write(`put -f ${file} in/big.edi\n`)
  const staged = join(folder, 'sftp/staging/f-example-supplier/f-%2fin/f-big.edi')
  await until('some bytes have come', () => {
    try {
      return readFileSync(staged).length > 1_000_000
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  })
  client.kill('SIGKILL')
  // sftp runs ssh as its child, which sees its end.
  await until('the server has noticed', () => dropped(1))
  const kept = readFileSync(staged)
  expect(kept.length).toBeLessThan(bytes.length)
  expect(kept.equals(bytes.subarray(0, kept.length))).toBe(true)
  const renamed = await sftp(login, ['rename in/big.edi in/big2.edi'])
  expect(renamed.code).not.toBe(0)
  expect(renamed.err).toContain('Failure')
  expect(await received()).toEqual([])

  const resumed = await sftp(login, [`reput ${file} in/big.edi`])
  expect(resumed).toMatchObject({ code: 0, err: '' })
  const [payload] = await received()
  expect(payload!.bytes.equals(bytes)).toBe(true)
})

test('a file over the limit or the quota is refused with a text and not published', async () => {
  const key = readFileSync(join(folder, 'ed.pub'), 'utf8')
  await server.addAccount('example-small', {
    keys: [key],
    settings: { maxFileBytes: 100_000, maxStagedBytes: 150_000 },
  })
  const small = { ...login, user: 'example-small' }
  const large = local('large.edi', randomBytes(100_001))
  const fits = local('fits.tmp', randomBytes(90_000))
  const over = await sftp(small, [`put ${large} in/large.edi`])
  expect(over.code).toBe(1)
  expect(await received()).toEqual([])
  await sftp(small, ['-rm in/large.edi', `put ${fits} in/one.tmp`])
  const full = await sftp(small, [`put ${fits} in/two.tmp`])
  expect(full.code).toBe(1)
  expect(
    (await sftp(small, ['-rm in/two.tmp', 'rm in/one.tmp', `put ${fits} in/two.tmp`])).code,
  ).toBe(0)
})

test('an empty file is refused', async () => {
  const ran = await sftp(login, [`put ${local('empty.edi', '')} in/empty.edi`])
  expect(ran.code).toBe(1)
  expect(await received()).toEqual([])
})

test('a file laid out is fetched, receipted once, and removed into the archive', async () => {
  const bytes = randomBytes(600_000)
  const { sendId, receipt } = await layOut('940-17.edi', bytes)
  expect(receipt.state).toBe('awaiting')
  const got = join(folder, 'got.edi')
  expect(await sftp(login, [`get out/940-17.edi ${got}`])).toMatchObject({ code: 0, err: '' })
  expect(readFileSync(got).equals(bytes)).toBe(true)
  await until('the receipt is given', () => server.receipts.length === 1)
  expect(server.receipts[0]).toMatchObject({
    sendId,
    receipt: {
      state: 'transferred',
      evidence: { account: 'example-supplier', name: '940-17.edi' },
    },
  })
  const ran = await sftp(login, ['rm out/940-17.edi', 'ls out', `get archive/940-17.edi ${got}`])
  expect(ran.code).toBe(0)
  expect(ran.out).not.toContain('out/940')
  expect(readFileSync(got).equals(bytes)).toBe(true)
  expect((await sftp(login, ['rm archive/940-17.edi'])).err).toContain('Permission denied')
  expect(server.receipts).toHaveLength(1)
})

test('a file that was only begun to be read is not fetched; moving it to the archive is', async () => {
  const { sendId } = await layOut('914.edi', randomBytes(9_000_000))
  const client = openSftp(login)
  client.stdin!.write(`get out/914.edi ${join(folder, 'half.edi')}\n`)
  await until('it has begun', () => {
    try {
      return readFileSync(join(folder, 'half.edi')).length > 0
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  })
  client.kill('SIGKILL')
  expect(server.receipts).toEqual([])
  expect(await sftp(login, ['rename out/914.edi archive/914.edi'])).toMatchObject({ code: 0 })
  await until('the receipt is given', () => server.receipts.length === 1)
  expect(server.receipts[0]!.sendId).toBe(sendId)
})

test('two files of one name both reach the partner, and a repeated send is one file', async () => {
  await layOut('810.edi', Buffer.from('first'))
  await layOut('810.edi', Buffer.from('second'))
  const ran = await sftp(login, ['ls -1 out'])
  expect(ran.out).toContain('out/810.edi\nout/810-2.edi'.split('\n').sort().join('\n'))
})

test('a partner sees only its own files', async () => {
  await server.addAccount('example-other', { keys: [other.line] })
  await layOut('mine.edi', Buffer.from('x'))
  const ran = await sftp({ ...login, user: 'example-other', key: other.path }, [
    'ls out',
    'get out/mine.edi',
  ])
  expect(ran.code).toBe(1)
  expect(ran.out).not.toContain('mine.edi')
})

test('a folder of thousands of files is listed whole', async () => {
  const spool = spoolOf(Buffer.from('x'))
  await db.tx((tx) => storeBlobs(tx, [spool]))
  await db.query(
    `insert into sftp_file (id, account, use, folder, name, sha256, size)
     select gen_random_uuid(), 'example-supplier', 'out', '/out', 'f' || lpad(n::text, 5, '0'), $1, 1
     from generate_series(1, 3000) n`,
    [spool.sha256],
  )
  const ran = await sftp(login, ['ls -1 out'])
  expect(ran.out.split('\n').filter((line) => line.startsWith('out/f'))).toHaveLength(3000)
})

test('with done-files, a file counts when its done-file is there', async () => {
  await server.addAccount('example-done', {
    keys: [readFileSync(join(folder, 'ed.pub'), 'utf8')],
    settings: { publish: 'done', doneSuffix: '.ok' },
  })
  const way = { ...login, user: 'example-done' }
  expect((await sftp(way, [`put ${local('d.edi', 'ISA*d')} in/d.edi`])).code).toBe(0)
  expect(await received()).toEqual([])
  expect((await sftp(way, [`put ${local('d.ok', '')} in/d.edi.ok`])).code).toBe(0)
  expect((await received()).map((p) => p.name)).toEqual(['d.edi'])
  expect((await sftp(way, ['ls -1 in'])).out).not.toContain('.ok')
})

test('a user is only let in from the networks that were agreed', async () => {
  const keys = [readFileSync(join(folder, 'ed.pub'), 'utf8')]
  await server.addAccount('example-near', { keys, settings: { allowFrom: ['127.0.0.0/8'] } })
  await server.addAccount('example-far', {
    keys,
    settings: { allowFrom: ['203.0.113.0/24', '2001:db8::/32'] },
  })
  expect((await sftp({ ...login, user: 'example-near' }, ['ls'])).code).toBe(0)
  expect((await sftp({ ...login, user: 'example-far' }, ['ls'])).code).toBe(255)
})
