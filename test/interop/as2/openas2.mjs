// OpenAS2 as a running server: configuration files written, the program started, files dropped into its folder to send.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const CIPHERS = {
  '3des': '3DES',
  'aes128-cbc': 'AES128',
  'aes192-cbc': 'AES192',
  'aes256-cbc': 'AES256',
}

const attribute = (name, value) =>
  value === undefined ? '' : `<attribute name="${name}" value="${value}"/>`

function partnership({ name, options }, url, mdnUrl) {
  const { digest, cipher, compress, mode, signedReceipt } = options
  return `<partnership name="${name}-US"><sender name="${name}"/><receiver name="US"/>
  ${attribute('protocol', 'as2')}${attribute('content_transfer_encoding', 'binary')}
  ${attribute('subject', 'interop')}${attribute('as2_url', url)}${attribute('as2_mdn_to', 'peer')}
  ${signedReceipt ? attribute('as2_mdn_options', `signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, ${digest ?? 'sha256'}`) : ''}
  ${attribute('as2_receipt_option', mode === 'async' ? mdnUrl : undefined)}
  ${attribute('sign', digest && digest.toUpperCase())}${attribute('encrypt', cipher && CIPHERS[cipher])}
  ${attribute('compression_type', compress && 'ZLIB')}
  ${attribute('compression_mode', compress === 'after-signing' ? 'compress-after-signing' : undefined)}
  ${attribute('resend_max_retries', '0')}${attribute('prevent_canonicalization_for_mic', 'true')}</partnership>
<partnership name="US-${name}"><sender name="US"/><receiver name="${name}"/>${attribute('protocol', 'as2')}</partnership>`
}

/** `partners`: name and what it is to send, one for each case. `folder` holds peer.p12 (password peerpeer) and us.pem. */
export async function startOpenAs2({ folder, jars, partners, target }) {
  const [port, mdnPort] = [await freePort(), await freePort()]
  const config = join(folder, 'openas2/config')
  const data = join(folder, 'openas2/data')
  const outbox = join(data, 'toAny')
  await mkdir(config, { recursive: true })
  await mkdir(outbox, { recursive: true })
  const store = ['-storetype', 'PKCS12', '-storepass', 'peerpeer', '-noprompt']
  const keystore = join(config, 'certs.p12')
  await writeFile(keystore, await readFile(join(folder, 'peer.p12')))
  await run('keytool', [
    // The old form: the library of this version reads no other.
    '-J-Dkeystore.pkcs12.legacy',
    '-importcert',
    '-alias',
    'us',
    '-file',
    join(folder, 'us.pem'),
    '-keystore',
    keystore,
    ...store,
  ])
  await writeFile(join(config, 'commands.xml'), '<commands></commands>')
  await writeFile(
    join(config, 'partnerships.xml'),
    `<partnerships><partner name="US" as2_id="US" x509_alias="us" email="us"/>
${partners.map(({ name }) => `<partner name="${name}" as2_id="${name}" x509_alias="peer" email="peer"/>`).join('\n')}
${partners.map((one) => partnership(one, target, `http://127.0.0.1:${mdnPort}/`)).join('\n')}
</partnerships>`,
  )
  const naming = 'format="sender.as2_id, receiver.as2_id, headers.message-id"'
  await writeFile(
    join(config, 'config.xml'),
    `<openas2>
  <properties storageBaseDir="${data}" as2_async_mdn_url="http://127.0.0.1:${mdnPort}/"/>
  <certificates classname="org.openas2.cert.PKCS12CertificateFactory" filename="%home%/certs.p12" password="peerpeer" interval="300"/>
  <partnerships classname="org.openas2.partner.XMLPartnershipFactory" filename="%home%/partnerships.xml"/>
  <loggers><logger classname="org.openas2.logging.ConsoleLogger"/></loggers>
  <commands classname="org.openas2.cmd.XMLCommandRegistry" filename="%home%/commands.xml"/>
  <processor classname="org.openas2.processor.DefaultProcessor" pendingMDN="${data}/pending" pendingMDNinfo="${data}/pendinginfo">
    <module classname="org.openas2.processor.sender.AS2SenderModule" retries="0"/>
    <module classname="org.openas2.processor.sender.MDNSenderModule" retries="3"/>
    <module classname="org.openas2.processor.receiver.AS2DirectoryPollingModule" outboxdir="${outbox}" errordir="${data}/error"
      sentdir="${data}/sent" interval="1" delimiters="_" sendfilename="true"
      format="sender.as2_id, receiver.as2_id, attributes.filename" mimetype="application/EDI-X12"/>
    <module classname="org.openas2.processor.storage.MDNFileModule" filename="${data}/mdn/$mdn.msg.headers.message-id$"
      protocol="as2" tempdir="${data}/temp"/>
    <module classname="org.openas2.processor.storage.MessageFileModule" filename="${data}/inbox/$msg.sender.as2_id$_$msg.receiver.as2_id$_$msg.headers.message-id$"
      protocol="as2" tempdir="${data}/temp"/>
    <module classname="org.openas2.processor.receiver.AS2ReceiverModule" port="${port}" errordir="${data}/inbox/error" error${naming}/>
    <module classname="org.openas2.processor.receiver.AS2MDNReceiverModule" port="${mdnPort}"/>
  </processor>
</openas2>`,
  )
  const child = spawn(
    'java',
    [
      '-cp',
      join(jars, '*'),
      '-Dorg.apache.commons.logging.Log=org.openas2.logging.Log',
      '-Dorg.openas2.logging.defaultlog=TRACE',
      'org.openas2.app.OpenAS2Server',
      join(config, 'config.xml'),
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  const lines = []
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => lines.push(line))
  const started = () => lines.some((line) => /OpenAS2 .*started/i.test(line))
  await until('OpenAS2 has started', started).catch((error) => {
    child.kill('SIGKILL')
    throw new Error(`${error.message}\n${lines.slice(-20).join('\n')}`)
  })
  return {
    url: `http://127.0.0.1:${port}/`,
    receiptUrls: [`http://127.0.0.1:${mdnPort}/`],
    lines,
    close: () => child.kill('SIGKILL'),
    /** Of the last receipt for a name: `equal` once OpenAS2 says so in its log. */
    comparedMic: async (name) => {
      const isMatch = (line) => /MIC is matched/.test(line) && line.includes(`@${name}_US`)
      await until('OpenAS2 has found its MIC in the receipt', () => lines.some(isMatch))
      return 'equal'
    },
    /** How many messages of ours it has stored. */
    count: async () => (await readdir(join(data, 'inbox')).catch(() => [])).length,
    /** Payload bytes that arrived from us under a message id. */
    async payload(id) {
      const bare = id.replace(/[<>]/g, '')
      return until('OpenAS2 has stored it', async () => {
        const files = await readdir(join(data, 'inbox')).catch(() => [])
        const file = files.find((name) => name.includes(bare))
        return file && readFile(join(data, 'inbox', file))
      })
    },
    /** One message of each name; what OpenAS2 makes of our receipt lies in its folder for them, else in its log. */
    async send(name, payload) {
      const before = lines.length
      const receipts = async () => new Set(await readdir(join(data, 'mdn')).catch(() => []))
      const earlier = await receipts()
      await writeFile(join(folder, 'draft'), payload)
      await rename(join(folder, 'draft'), join(outbox, `${name}_US_interop.edi`))
      return until('OpenAS2 has its receipt', async () => {
        const file = [...(await receipts())].find(
          (one) => one.includes(`@${name}_US`) && !earlier.has(one),
        )
        if (file !== undefined) {
          const text = (await readFile(join(data, 'mdn', file))).toString('latin1')
          const disposition = /^Disposition: [^;]*;\s*(.*)$/im.exec(text)?.[1]
          if (disposition !== undefined) return { disposition: disposition.trim() }
        }
        const since = lines.slice(before)
        const error = since.find((line) => / ERROR /.test(line))
        const refusal = since
          .map((line) => /; *(processed\/error[\w: -]*)/i.exec(line)?.[1])
          .find(Boolean)
        return error && { disposition: refusal ?? error.replace(/^.*ERROR /, '').slice(0, 200) }
      })
    },
  }
}

export async function until(what, check, ms = 60_000) {
  const end = Date.now() + ms
  for (;;) {
    const found = await check()
    if (found) return found
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}
