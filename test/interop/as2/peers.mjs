// The foreign AS2 implementations, each as `{url, send, payload, count…}`, with what each does not offer and what it is known to
// refuse, and how it gets onto this machine.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  installDebian,
  installOpenAs2,
  installPyAs2,
  OPENAS2,
  openAs2Jars,
  python,
} from './install.mjs'
import { startCmsPartner } from './cms-partner.mjs'
import { startOpenAs2, until } from './openas2.mjs'
import { opensslOperations } from './openssl.mjs'

const run = promisify(execFile)
const runs = (command, ...args) =>
  run(command, args).then(
    () => true,
    () => false,
  )
const here = new URL('.', import.meta.url).pathname

/** Starts a program that prints `port N`. */
async function service(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const errors = []
  createInterface(child.stderr).on('line', (line) => errors.push(line))
  const port = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = /^port (\d+)/.exec(line)
      if (found) resolve(Number(found[1]))
    })
    child.once('exit', (code) => reject(new Error(`${command}: exit ${code} ${errors.join('\n')}`)))
  })
  return { url: `http://127.0.0.1:${port}/`, close: () => child.kill('SIGKILL') }
}

const cmsPeer = async (operations, close = () => undefined) => {
  const partner = await startCmsPartner(operations)
  return {
    ...partner,
    count: async () => partner.arrived.length,
    payload: async (id) => partner.arrived.find((one) => one.id === id)?.payload,
    close: () => {
      partner.close()
      close()
    },
  }
}

const gcm = ({ settings: { encrypt } }) => encrypt?.cipher?.endsWith('gcm') === true
const oaep = ({ settings: { encrypt } }) => encrypt?.transport?.startsWith('oaep') === true
const pss = ({ settings: { sign } }) => sign?.scheme === 'pss'
const opaque = ({ settings: { sign } }) => sign?.form === 'opaque'
const unsignedReceipt = ({ settings: { receipt } }) => receipt?.signed === false
const byKeyId = ({ settings: { encrypt } }) => encrypt?.recipientId === 'key-id'
const zipped = ({ settings: { compress } }) => compress !== undefined
const zippedAfter = ({ settings: { compress } }) => compress === 'after-signing'

export const PEERS = [
  {
    name: 'openssl cms',
    missing: async () => ((await runs('openssl', 'version')) ? undefined : 'openssl'),
    install: () => installDebian(['openssl']),
    start: ({ folder }) => cmsPeer(opensslOperations(folder)),
    offersNot: { toThem: zipped, toUs: zipped },
    refuses: () => false,
  },
  {
    name: 'BouncyCastle',
    missing: async () =>
      existsSync('/usr/share/java/bcpkix.jar') && (await runs('javac', '-version'))
        ? undefined
        : 'Debian packages libbcpkix-java and default-jdk-headless',
    install: () => installDebian(['libbcpkix-java', 'default-jdk-headless']),
    start: async ({ folder }) => {
      const jars = ['bcprov', 'bcpkix', 'bcutil'].map((name) => `/usr/share/java/${name}.jar`)
      const classes = join(folder, 'bc')
      await mkdir(classes, { recursive: true })
      await run('javac', ['-cp', jars.join(':'), '-d', classes, join(here, 'BouncyCastle.java')])
      const files = ['peer.der', 'peer.pem', 'us.pem'].map((name) => join(folder, name))
      const java = await service('java', [
        ...['-cp', [classes, ...jars].join(':'), 'BouncyCastle'],
        ...files,
      ])
      const call = async (name, body, query = {}, headers = {}) => {
        const response = await fetch(`${java.url}${name}?${new URLSearchParams(query)}`, {
          ...{ method: 'POST', body, headers },
        })
        const bytes = Buffer.from(await response.arrayBuffer())
        if (!response.ok) throw new Error(bytes.toString())
        return bytes
      }
      return cmsPeer(
        {
          sign: (bytes, { digest, scheme }) => call('sign', bytes, { digest, scheme }),
          verify: (content, signature) =>
            call('verify', content, {}, { 'X-Signature': signature.toString('base64') }),
          encrypt: (bytes, { cipher, transport }) => call('encrypt', bytes, { cipher, transport }),
          decrypt: (bytes) => call('decrypt', bytes),
          compress: (bytes) => call('compress', bytes),
          expand: (bytes) => call('expand', bytes),
        },
        java.close,
      )
    },
    offersNot: { toThem: opaque, toUs: () => false },
    refuses: () => false,
  },
  {
    name: 'pyas2-lib',
    missing: async () =>
      (await runs(python, '-c', 'import pyas2lib, oscrypto'))
        ? undefined
        : `pyas2-lib for ${python}`,
    install: installPyAs2,
    start: async ({ folder }) => {
      const python3 = await service(python, [
        join(here, 'pyas2.py'),
        join(folder, 'peer.p12'),
        join(folder, 'us.pem'),
      ])
      const state = async () => (await fetch(python3.url)).json()
      return {
        ...python3,
        count: async () => (await state()).arrived.length,
        payload: async (id) => {
          const found = (await state()).arrived.find((one) => one.id === id)
          if (found?.error) throw new Error(found.error)
          return found && Buffer.from(found.payload, 'base64')
        },
        send: async (target, from, to, payload, options) => {
          const job = { url: target, from, to, payload: payload.toString('base64'), options }
          const response = await fetch(`${python3.url}send`, {
            ...{ method: 'POST', body: JSON.stringify(job) },
          })
          if (!response.ok) throw new Error(await response.text())
          const { id, disposition, mic } = await response.json()
          if (disposition !== undefined) return { disposition, mic }
          return until('the receipt has come', async () => (await state()).outcomes[id])
        },
      }
    },
    text: true,
    offersNot: {
      toThem: () => false,
      // It makes CRLF of LF before it signs.
      toUs: (one) => gcm(one) || oaep(one) || zippedAfter(one) || one.lines === 'LF',
    },
    // Its receipt for an opaque signature has no MIC, so it proves nothing to us.
    refuses: (one) => gcm(one) || opaque(one) || one.settings.encrypt?.transport === 'oaep-sha256',
  },
  {
    name: 'OpenAS2',
    missing: async () =>
      existsSync(join(openAs2Jars, `openas2-server-${OPENAS2}.jar`)) &&
      (await runs('java', '-version'))
        ? undefined
        : `openas2-server-${OPENAS2}.jar in ${openAs2Jars}`,
    install: installOpenAs2,
    start: async ({ folder, target, partners }) => {
      const openas2 = await startOpenAs2({ folder, jars: openAs2Jars, partners, target })
      return { ...openas2, send: (_, from, __, payload) => openas2.send(from, payload) }
    },
    text: true,
    // It hangs up on who asks for a receipt without a signature.
    offersNot: {
      toThem: unsignedReceipt,
      toUs: (one) => gcm(one) || oaep(one) || pss(one) || unsignedReceipt(one),
    },
    // It computes the MIC of an opaque signature over other bytes, and finds no recipient by key id.
    refuses: (one) => gcm(one) || oaep(one) || opaque(one) || byKeyId(one),
  },
]

/** Keys of both sides in the forms peers want. `us` and `peer` are PEMs of generateKey. */
export async function writeKeys(folder, us, peer) {
  await writeFile(join(folder, 'us.pem'), us.certificatePem)
  await writeFile(join(folder, 'peer.pem'), peer.certificatePem)
  await writeFile(join(folder, 'peer.key'), peer.privateKeyPem)
  const options = { cwd: folder }
  await run(
    'openssl',
    ['pkcs8', '-topk8', '-nocrypt', '-in', 'peer.key', '-outform', 'DER', '-out', 'peer.der'],
    options,
  )
  await run(
    'openssl',
    [
      'pkcs12',
      ...['-export', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
      '-inkey',
      'peer.key',
      '-in',
      'peer.pem',
      '-name',
      'peer',
      '-passout',
      'pass:peerpeer',
      '-out',
      'peer.p12',
    ],
    options,
  )
}

/** What keeps a peer from running here; it is installed where it is missing. */
export async function bring(definition) {
  if ((await definition.missing()) === undefined) return undefined
  console.log(`${definition.name} is being installed`)
  const failure = await definition.install().then(
    () => undefined,
    (error) => error.message.slice(0, 500),
  )
  return failure ?? (await definition.missing())
}
