// CMS operations of the `openssl cms` command.
import { execFile } from 'node:child_process'
import { writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CIPHERS = { '3des': '-des3' }
const PADDING = {
  rsa: [],
  'oaep-sha1': ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha1'],
  'oaep-sha256': ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'],
}

/** `folder` holds peer.key, peer.pem and us.pem. */
export function opensslOperations(folder) {
  let count = 0
  const cms = async (input, ...args) => {
    const [from, to] = [`in-${++count}`, `out-${count}`]
    await writeFile(join(folder, from), input)
    await run('openssl', ['cms', ...args, '-in', from, '-out', to], { cwd: folder })
    return readFile(join(folder, to))
  }
  const der = ['-outform', 'DER']
  const trust = ['-CAfile', 'us.pem', '-certfile', 'us.pem', '-purpose', 'any', '-no_check_time']
  return {
    sign: (bytes, { digest, scheme }) =>
      cms(
        bytes,
        ...['-sign', '-binary', '-md', digest, '-signer', 'peer.pem', '-inkey', 'peer.key', ...der],
        ...(scheme === 'pss' ? ['-keyopt', 'rsa_padding_mode:pss'] : []),
      ),
    verify: async (content, signature) => {
      await writeFile(join(folder, `content-${++count}`), content)
      const file = `content-${count}`
      await cms(signature, ...['-verify', '-inform', 'DER', '-content', file, '-binary', ...trust])
    },
    verifyOpaque: (bytes) => cms(bytes, '-verify', '-inform', 'DER', '-binary', ...trust),
    encrypt: (bytes, { cipher, transport, ber }) =>
      cms(
        bytes,
        ...['-encrypt', '-binary', CIPHERS[cipher] ?? `-${cipher.replace(/^aes/, 'aes-')}`, ...der],
        ...['-recip', 'us.pem', ...PADDING[transport], ...(ber ? ['-stream'] : [])],
      ),
    decrypt: (bytes) =>
      cms(
        bytes,
        ...['-decrypt', '-binary', '-inform', 'DER', '-recip', 'peer.pem', '-inkey', 'peer.key'],
      ),
    compress: () => Promise.reject(new Error('this build has no zlib')),
    expand: () => Promise.reject(new Error('this build has no zlib')),
  }
}
