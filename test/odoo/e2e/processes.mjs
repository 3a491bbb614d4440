// The processes of an end-to-end run: a real Odoo with the addon, a real gateway, the example receiver. Each can be
// killed as by kill -9 and started again on what it left behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const CLI = 'dist/gateway/cli.js'
const SETTINGS = /^(EDIGW_|DATABASE_URL|REDIS_URL|PORT$|HOST$)/
const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)),
)

/** A child whose first line of output that `ready` accepts says that it is up; rejects with what it said when it ends first. */
function start(command, args, { env = bare, log, ready }) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const file = createWriteStream(log, { flags: 'a' })
  const tail = []
  const keep = (line) => {
    file.write(`${line}\n`)
    tail.push(line)
    if (tail.length > 30) tail.shift()
  }
  createInterface({ input: child.stderr }).on('line', keep)
  const up = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line)
      const facts = ready(line)
      if (facts !== undefined) resolve(facts)
    })
    child.once('close', (code) =>
      reject(new Error(`${command} ${args.join(' ')}: exit ${code}\n${tail.join('\n')}`)),
    )
  })
  return up.then((facts) => ({ child, facts }))
}

const parsed = (line) => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // not every line of a log is JSON
  }
}

async function end(child, signal) {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'exit')
  child.kill(signal)
  await closed
}

/** Odoo of a series on its own database; `facts` is the line of test/odoo/server.py. */
export class OdooProcess {
  constructor({ series, database, folder, port }) {
    Object.assign(this, { series, database, folder, port })
  }

  async start({ fresh = false } = {}) {
    const args = ['test/odoo/server.py', '--series', this.series, '--database', this.database]
    // Its own processes for crons: a cron thread does not survive the loss of the database, a worker is started again.
    args.push('--workers', '2')
    if (this.port) args.push('--port', String(this.port))
    if (fresh) args.push('--fresh')
    // As under a service manager: whenever it ends it is started again, and says so by another line.
    args.push('--supervise')
    const { child } = await start('python3', args, {
      env: process.env,
      log: join(this.folder, 'odoo-server.log'),
      ready: (line) => {
        const facts = line.startsWith('{') ? parsed(line) : undefined
        if (facts !== undefined) this.facts = facts
        return facts
      },
    })
    this.child = child
  }

  /** SIGKILL of Odoo itself, and up again. It may have ended by itself, for want of its database. */
  async kill() {
    const { pid } = this.facts
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
    await until('Odoo again', () => this.facts.pid !== pid, 180)
  }

  /** SIGKILL of its postmaster, and up again. */
  async restartPostgres() {
    for (const verb of ['kill', 'start']) {
      const child = spawn('python3', ['test/odoo/cluster.py', verb], { stdio: 'ignore' })
      const [code] = await once(child, 'exit')
      if (code !== 0) throw new Error(`test/odoo/cluster.py ${verb}: exit ${code}`)
    }
  }

  async stop() {
    await end(this.child, 'SIGTERM')
  }
}

/** A gateway on its embedded PostgreSQL. */
export class GatewayProcess {
  constructor({ folder, port, env }) {
    Object.assign(this, { folder, port, env })
    this.data = join(folder, 'gateway')
    mkdirSync(join(this.data, 'agreements'), { recursive: true, mode: 0o711 })
    this.url = `http://127.0.0.1:${port}`
  }

  agree(agreement) {
    writeFileSync(join(this.data, 'agreements', `${agreement.id}.json`), JSON.stringify(agreement))
  }

  async start() {
    const { child } = await start(process.execPath, [CLI, 'serve'], {
      env: {
        ...bare,
        PORT: String(this.port),
        EDIGW_DATA: this.data,
        EDIGW_LOG_FORMAT: 'json',
        ...this.env,
      },
      log: join(this.folder, 'gateway.log'),
      ready: (line) => (parsed(line)?.msg === 'ready' ? true : undefined),
    })
    this.child = child
    this.key = readFileSync(join(this.data, 'admin.key'), 'utf8').trim()
  }

  async kill() {
    await end(this.child, 'SIGKILL')
  }

  /** SIGKILL of the embedded postmaster, wherever its folder is. */
  killPostgres() {
    const pid = postmaster(this.data)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }

  async stop() {
    await end(this.child, 'SIGTERM')
  }

  /** Runs `edigw` beside it, on its data; gives standard output. Throws what it said when it fails. */
  async edigw(...args) {
    const ran = await edigw(args, '', { EDIGW_DATA: this.data })
    if (ran.code !== 0) throw new Error(`edigw ${args.join(' ')}: ${ran.stdout}${ran.stderr}`)
    return ran.stdout.toString()
  }

  /** A call of its API with the first client's key. */
  async call(method, path, body, headers = {}) {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const response = await fetch(this.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.key}`,
        ...(body === undefined
          ? {}
          : { 'Content-Type': isRaw ? 'application/edi-x12' : 'application/json' }),
        ...headers,
      },
      body: body === undefined || isRaw ? body : JSON.stringify(body),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      bytes,
      body: isJson ? JSON.parse(bytes.toString()) : undefined,
    }
  }
}

function postmaster(data) {
  const pointer = join(data, 'postgres.location')
  const place = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(data, 'postgres')
  const file = join(place, 'cluster', 'postmaster.pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined
}

/** `edigw receiver` with its log. */
export class ReceiverProcess {
  constructor({ folder, port }) {
    Object.assign(this, { folder, port })
    this.log = join(folder, 'receiver', 'log.jsonl')
    mkdirSync(join(folder, 'receiver'), { recursive: true })
    this.url = `http://127.0.0.1:${port}`
  }

  async start() {
    const args = [CLI, 'receiver', '--port', String(this.port), '--log', this.log]
    const { child } = await start(process.execPath, args, {
      log: join(this.folder, 'receiver.log'),
      ready: (line) => (line.includes(String(this.port)) ? true : undefined),
    })
    this.child = child
  }

  async stop() {
    await end(this.child, 'SIGTERM')
  }

  /** Arrivals so far, first and repeated ones. */
  arrivals() {
    let text = ''
    try {
      text = readFileSync(this.log, 'utf8')
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  }

  /** Text of each interchange that came, once each. */
  interchanges() {
    return this.arrivals()
      .filter((a) => a.what === 'interchange' && a.state === 'new')
      .map((a) => readFileSync(join(this.folder, 'receiver', `${a.sha256}.edi`), 'latin1'))
  }
}

/** Runs a command of the gateway on an input; gives what it wrote. */
export async function edigw(args, input, env = {}) {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...bare, ...env } })
  const [out, errors] = [[], []]
  child.stdout.on('data', (chunk) => out.push(chunk))
  child.stderr.on('data', (chunk) => errors.push(chunk))
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(errors).toString() }
}

/** Asks until the answer is not undefined; what `ask` throws counts as no answer. Gives up after `seconds`. */
export async function until(what, ask, seconds = 120) {
  const end = Date.now() + seconds * 1000
  let last
  while (Date.now() < end) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
      last = undefined
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`${what}: not after ${seconds} s${last ? ` (${last.message})` : ''}`)
}
