// The SFTP server with OpenSSH's client: put (durable in the store when sftp is done) and get of one large file, beside
// OpenSSH's own server on the same machine. `node bench/channels/sftp.mjs [megabytes]`
// after a build. Needs OpenSSH's client and server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { randomBytes } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { runningEmbedded } from '../../dist/gateway/store/embedded.js'

const megabytes = Number(process.argv[2] ?? 100)
const ROUNDS = 3
const MUST = { put: 40, get: 60 }
const AIM = { put: 80, get: 100 }
const folder = await mkdtemp(join(tmpdir(), 'edigw-bench-sftp-'))
chmodSync(folder, 0o711)
const data = join(folder, 'data')
const children = []

const run = async (command, args, input = '', env = {}) => {
  const child = spawn(command, args, { env: { ...process.env, ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (err += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${err}${out}`)
  return out
}
const ENV = { EDIGW_DATA: data, PORT: '0', EDIGW_SFTP_PORT: '0', EDIGW_LOG_FORMAT: 'json' }
const edigw = (...args) => run(process.execPath, ['dist/gateway/cli.js', ...args], '', ENV)

const startGateway = async () => {
  const child = spawn(process.execPath, ['dist/gateway/cli.js', 'serve'], {
    env: { ...process.env, ...ENV },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const line of createInterface(child.stdout)) {
    const entry = JSON.parse(line)
    if (entry.msg === 'ready') {
      child.stdout.resume()
      return { port: entry.sftp_port, pid: child.pid }
    }
  }
  throw new Error('the gateway did not start')
}

const freePort = async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}

const startOpenSsh = async () => {
  const port = await freePort()
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const log = join(folder, 'sshd.log')
  const config = join(folder, 'sshd_config')
  const lines = [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${join(folder, 'host')}`]
  lines.push(`AuthorizedKeysFile ${join(folder, 'key.pub')}`, 'StrictModes no', 'UsePAM no')
  lines.push('PidFile none', 'PermitRootLogin yes', 'Subsystem sftp internal-sftp')
  writeFileSync(config, lines.join('\n'))
  children.push(spawn('/usr/sbin/sshd', ['-D', '-f', config, '-E', log], { stdio: 'ignore' }))
  while (!existsSync(log) || !/listening/i.test(readFileSync(log, 'utf8')))
    await new Promise((done) => setTimeout(done, 20))
  return port
}

const session = (port, user, cipher, commands) => {
  const set = ['LogLevel=ERROR', 'UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no']
  set.push('IdentitiesOnly=yes', ...(cipher ? [`Ciphers=${cipher}`] : []))
  const args = ['-q', '-b', '-', '-P', String(port), '-i', join(folder, 'key')]
  return run(
    'sftp',
    [...args, ...set.flatMap((one) => ['-o', one]), `${user}@127.0.0.1`],
    `${commands.join('\n')}\n`,
  )
}
const seconds = async (work) => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
/** Wall time of the session, without what a login alone takes. */
const rate = async (port, user, cipher, command) => {
  const rates = []
  for (let round = 0; round < ROUNDS; round++) {
    const login = await seconds(() => session(port, user, cipher, ['pwd']))
    const whole = await seconds(() => session(port, user, cipher, [command(round)]))
    rates.push(megabytes / (whole - login))
  }
  return median(rates)
}
const peakMb = (pid) =>
  Math.round(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1] / 1024)

try {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')])
  const big = join(folder, 'big')
  writeFileSync(big, randomBytes(megabytes * 1e6))
  const gateway = await startGateway()
  const openssh = await startOpenSsh()
  const account = ['account', 'add', 'example-supplier', '--carries', '*>*']
  await edigw('sftp', ...account, '--key', join(folder, 'key.pub'))
  const db = new pg.Client({ connectionString: await runningEmbedded(data) })
  db.on('error', () => undefined)
  await db.connect()

  console.log(`${megabytes} MB, OpenSSH's client, MB/s (median of ${ROUNDS})\n`)
  console.log('cipher                        edigw   OpenSSH')
  const results = {}
  for (const cipher of ['', 'aes128-gcm@openssh.com']) {
    const name = (what) => `${what} ${cipher || "the client's choice"}`.padEnd(28)
    // Each round brings other bytes: a payload known already would not be stored again.
    const put = await rate(gateway.port, 'example-supplier', cipher, (round) => {
      writeFileSync(big, randomBytes(megabytes * 1e6))
      return `put ${big} in/put-${cipher}-${round}.edi`
    })
    const theirPut = await rate(
      openssh,
      userInfo().username,
      cipher,
      (n) => `put ${big} ${big}.${n}`,
    )
    console.log(name('put'), put.toFixed(0).padStart(6), theirPut.toFixed(0).padStart(9))
    const laid = `out-${cipher || 'x'}.edi`.replace('@', '_')
    await db.query(
      `insert into sftp_file (id, account, use, folder, name, sha256, size)
       select gen_random_uuid(), 'example-supplier', 'out', '/out', $1, sha256, size from inbox
       order by received_at desc limit 1`,
      [laid],
    )
    const get = await rate(
      gateway.port,
      'example-supplier',
      cipher,
      () => `get out/${laid} ${big}.got`,
    )
    const theirGet = await rate(
      openssh,
      userInfo().username,
      cipher,
      () => `get ${big}.0 ${big}.got`,
    )
    console.log(name('get'), get.toFixed(0).padStart(6), theirGet.toFixed(0).padStart(9))
    results.put = Math.max(results.put ?? 0, put)
    results.get = Math.max(results.get ?? 0, get)
    for (const n of readdirSync(folder).filter((one) => /^big\.\d/.test(one)))
      await rm(join(folder, n))
  }
  console.log(`\npeak memory of the gateway process: ${peakMb(gateway.pid)} MB`)
  await db.end()
  for (const what of ['put', 'get']) {
    const met = results[what] >= MUST[what]
    console.log(
      `${what}: ${results[what].toFixed(0)} MB/s, must ${MUST[what]}, aim ${AIM[what]}: ${met ? 'met' : 'MISSED'}`,
    )
    if (!met) process.exitCode = 1
  }
} finally {
  for (const child of children) {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
}
