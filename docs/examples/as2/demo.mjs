// `npm run demo:as2`: two gateways on this machine, Example Maker and Example Retail. A shipment notice goes from one
// to the other compressed, signed and encrypted, is answered with a signed receipt (MDN) and then with a 997. Each
// command is printed as it is run. `--async` has the receipts come by a call of their own. Exit 0 when all came through.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const cli = join(root, 'dist/gateway/cli.js')
const receipts = process.argv.includes('--async') ? 'async' : 'sync'
const folder = await mkdtemp(join(tmpdir(), 'edigw-demo-as2-'))
await chmod(folder, 0o711) // the database server of each gateway may run as another user
const running = []

const say = (text) => console.log(text)
const environment = (name, more = {}) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(EDIGW_|REDIS_URL|DATABASE_URL)/.test(key)),
  ),
  EDIGW_DATA: join(folder, name),
  ...(process.env[`DEMO_DATABASE_${name.toUpperCase()}`] && {
    DATABASE_URL: process.env[`DEMO_DATABASE_${name.toUpperCase()}`],
  }),
  ...more,
})

/** Starts a program that goes on; gives the first line of its output that matches. */
async function start(name, args, env, wanted) {
  const child = spawn(process.execPath, [cli, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const errors = []
  createInterface(child.stderr).on('line', (line) => errors.push(line))
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = wanted.exec(line)
      if (found) resolve(found[1])
      if (name === 'receiver' && !found) say(`           Odoo of Example Retail gets: ${line}`)
    })
    child.once('exit', (code) => reject(new Error(`${name}: exit ${code}\n${errors.join('\n')}`)))
  })
}

/** Runs a command of one of the two gateways to its end and prints both. */
async function edigw(name, ...args) {
  say(`[${name}]${' '.repeat(9 - name.length)} edigw ${args.map(quoted).join(' ')}`)
  const child = spawn(process.execPath, [cli, ...args], { env: environment(name), cwd: folder })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => (out += part.toString()))
  const [code] = await once(child, 'close')
  for (const line of out.trimEnd().split('\n')) say(`           ${line}`)
  if (code !== 0) throw new Error(`exit ${code}`)
}

const quoted = (word) => (/[^\w./:=@%,+-]/.test(word) ? `'${word}'` : word)

async function call(gateway, path, body, headers = {}) {
  const key = (await readFile(join(folder, gateway.name, 'admin.key'), 'utf8')).trim()
  const response = await fetch(gateway.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

async function until(what, check) {
  const end = Date.now() + 120_000
  for (;;) {
    const found = await check()
    if (found) return found
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 200))
  }
}

try {
  const receiver = await start(
    'receiver',
    ['receiver', '--port', '0', '--log', join(folder, 'receiver/log.jsonl')],
    environment('retail'),
    /listens on (\S+),/,
  )
  const gateway = async (name, env) => ({
    name,
    url: await start(
      name,
      ['serve'],
      environment(name, { PORT: '0', EDIGW_LOG_FORMAT: 'json', ...env }),
      /"url":"([^"]+)".*"msg":"ready"/,
    ),
  })
  const [retail, maker] = await Promise.all([
    gateway('retail', { EDIGW_ODOO_URL: receiver, EDIGW_ODOO_ENVIRONMENT: 'production' }),
    gateway('maker', {}),
  ])
  say(`Example Retail runs on ${retail.url}, Example Maker on ${maker.url}\n`)

  say('Each makes a key and gives the other its certificate:')
  await edigw('retail', 'as2', 'keygen', 'EXRETAIL', '--out', 'retail.pem')
  await edigw('maker', 'as2', 'keygen', 'EXMAKER', '--out', 'maker.pem')

  say(
    '\nEach enters the other as a partner. The private network is allowed as both are on this machine:',
  )
  const partner = (name, station, url, certificate, carries) => [
    ...['--name', name, '--station', station, '--url', `${url}/as2`, '--certificate', certificate],
    ...['--carries', carries, '--settings', join(here, 'settings.json')],
    ...['--receipt', receipts, '--private-network'],
  ]
  await edigw(
    ...['retail', 'as2', 'partner', 'set', 'example-maker'],
    ...partner('EXMAKER', 'EXRETAIL', maker.url, 'maker.pem', 'ZZ:EXMAKER>ZZ:EXRETAIL'),
  )
  await edigw(
    ...['maker', 'as2', 'partner', 'set', 'example-retail'],
    ...partner('EXRETAIL', 'EXMAKER', retail.url, 'retail.pem', 'ZZ:EXRETAIL>ZZ:EXMAKER'),
  )
  await edigw('retail', 'agreement', 'add', join(here, 'retail.json'))
  await edigw('maker', 'agreement', 'add', join(here, 'maker.json'))

  say('\nIs everything there?')
  await edigw('maker', 'as2', 'test', 'example-retail')

  say('\nA shipment notice is handed to the gateway of Example Maker, as its Odoo would:')
  const golden = join(root, 'test/golden/x12/856/pick-and-pack/canonical.json')
  const [{ source: _, ...document }] = JSON.parse(await readFile(golden, 'utf8'))
  const id = '019b76da-a800-7000-8000-000000000001'
  const message = {
    ...{ id, revision: 1, correlationId: 'demo-as2', direction: 'out', partner: 'example-retail' },
    ...{ ourRole: 'supplier', theirRole: 'customer', test: false, document },
  }
  await call(maker, '/v1/messages', message, { 'Idempotency-Key': `${id}.1` })
  const sent = await until('the 997 of Example Retail', async () => {
    const row = await call(maker, `/v1/messages/${id}`)
    if (['held', 'dead', 'rejected'].includes(row.state))
      throw new Error(`the message is ${row.state}: ${JSON.stringify(row.error)}`)
    return row.state === 'accepted' && row
  })
  for (const { state, at, detail } of sent.timeline ?? [])
    say(`           ${at} ${state}${detail ? ` (${detail})` : ''}`)
  const { items } = await call(retail, '/v1/messages?documentNumber=SHP-2025-0001')
  say(`\nExample Retail has shipment notice ${items[0].documentNumber}, ${items[0].state}.`)
  say('Example Maker has its signed receipt and the 997 that accepts it.')
  if (receipts === 'sync')
    await edigw(
      'maker',
      'as2',
      'send',
      golden,
      '--partner',
      'example-retail',
      '--type',
      'text/plain',
    )
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  for (const child of running) if (child.exitCode === null) child.kill('SIGTERM')
  await Promise.all(
    running.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)),
  )
  await rm(folder, { recursive: true, force: true })
}
