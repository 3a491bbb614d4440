// What is tried with every peer: our settings for the partner, and by them what the peer is to send. Together the cases
// meet every pair of signature, encryption, key transport and compression that AS2 products are set to. `weOnly` and
// `theyOnly` name a direction, `mimeOnly` what only peers offer whose MIME is cms-partner.mjs, `refusal` our disposition,
// `core` what ./test/all runs with openssl.

/** `sign`: digest, scheme; `encrypt`: cipher, transport; see gateway/channels/as2/settings.ts. */
export const CASES = [
  { name: 'SHA-256, AES-256-CBC, RSA', settings: {}, core: true },
  {
    name: 'SHA-512, AES-128-CBC, zlib before signing',
    settings: {
      ...{ sign: { digest: 'sha512' }, encrypt: { cipher: 'aes128-cbc' } },
      compress: 'before-signing',
    },
  },
  {
    name: 'SHA-384, AES-192-CBC, zlib after signing',
    settings: {
      ...{ sign: { digest: 'sha384' }, encrypt: { cipher: 'aes192-cbc' } },
      compress: 'after-signing',
    },
  },
  {
    name: 'SHA-1, 3DES (allowed for old partners)',
    settings: {
      ...{ sign: { digest: 'sha1' }, encrypt: { cipher: '3des' } },
      accept: { sha1: true, tripleDes: true },
    },
  },
  { name: 'AES-256-GCM, RSA', settings: { encrypt: { cipher: 'aes256-gcm' } }, core: true },
  {
    name: 'AES-128-GCM, OAEP-SHA-256, zlib before signing',
    settings: {
      encrypt: { cipher: 'aes128-gcm', transport: 'oaep-sha256' },
      compress: 'before-signing',
    },
  },
  { name: 'AES-256-CBC, OAEP-SHA-1', settings: { encrypt: { transport: 'oaep-sha1' } } },
  {
    ...{ name: 'AES-256-CBC, OAEP-SHA-256', core: true },
    settings: { encrypt: { transport: 'oaep-sha256' } },
  },
  { name: 'RSA-PSS', settings: { sign: { scheme: 'pss' } }, core: true },
  { name: 'recipient by key id', settings: { encrypt: { recipientId: 'key-id' } }, weOnly: true },
  { name: 'opaque signature', settings: { sign: { form: 'opaque' } }, weOnly: true },
  { name: 'in chunks', settings: { chunked: true }, weOnly: true },
  {
    name: 'signed only',
    settings: { encrypt: 'none', accept: { unencrypted: true } },
  },
  {
    name: 'encrypted only',
    settings: { sign: 'none', accept: { unsigned: true } },
  },
  {
    name: 'plain',
    settings: { sign: 'none', encrypt: 'none', accept: { unsigned: true, unencrypted: true } },
  },
  {
    name: 'unsigned receipt',
    settings: { receipt: { signed: false }, accept: { unsignedReceipts: true } },
  },
  { name: 'asynchronous receipt', settings: { receipt: { mode: 'async' } }, core: true },
  { name: 'no receipt', settings: { receipt: { mode: 'none' } }, mimeOnly: true },
  {
    ...{ name: 'lines end in LF', settings: {}, lines: 'LF' },
    payload: 'ST*856*0001~\n'.repeat(40),
  },
  { name: 'no end of line', settings: {}, payload: 'IEA*1*000000001~' },
  { name: 'empty', settings: {}, payload: '', mimeOnly: true },
  ...['binary', 'base64', 'quoted-printable'].map((encoding) => ({
    ...{ name: `content in ${encoding}`, settings: {}, sends: { encoding } },
    ...{ theyOnly: true, mimeOnly: true },
  })),
  {
    ...{ name: 'BER in indefinite lengths', settings: {}, sends: { ber: true } },
    ...{ theyOnly: true, mimeOnly: true },
  },
  {
    ...{ name: 'they send in chunks', settings: {}, sends: { chunked: true } },
    ...{ theyOnly: true, mimeOnly: true },
  },
  {
    ...{ name: 'the same message twice', settings: {}, sends: { twice: true } },
    ...{ theyOnly: true, mimeOnly: true },
  },
  ...['ciphertext', 'content'].map((damage) => ({
    ...{ name: `changed ${damage}, refused by us`, settings: {}, sends: { damage } },
    ...{ theyOnly: true, mimeOnly: true, core: true, refusal: 'decryption-failed' },
  })),
  {
    name: 'unsigned, refused by us',
    settings: {},
    sends: { sign: 'none' },
    theyOnly: true,
    refusal: 'insufficient-message-security',
  },
]

/** What the peer is asked to send in a case. */
export const sending = ({ settings, sends = {} }) => {
  const { sign = {}, encrypt = {}, compress, receipt = {}, ...more } = { ...settings, ...sends }
  const { encoding, twice, damage, ber } = more
  return {
    ...{ encoding, twice, damage, ber, chunked: sends.chunked === true },
    digest: sign === 'none' ? undefined : (sign.digest ?? 'sha256'),
    scheme: sign === 'none' ? undefined : (sign.scheme ?? 'rsa'),
    cipher: encrypt === 'none' ? undefined : (encrypt.cipher ?? 'aes256-cbc'),
    transport: encrypt === 'none' ? undefined : (encrypt.transport ?? 'rsa'),
    compress,
    mode: receipt.mode ?? 'sync',
    signedReceipt: receipt.signed ?? true,
  }
}

/** Bytes that are easily broken on the way: bare CR and LF, high bytes, something like a boundary, no end of line. */
export const PAYLOAD = Buffer.concat([
  Buffer.from(
    'ISA*00*          *00*          *ZZ*PEER           *ZZ*US             *260102*0304~\r\n',
  ),
  Buffer.from('--boundary\r\nbare\rcarriage\nreturn '.repeat(60)),
  Buffer.from(Array.from({ length: 256 }, (_, n) => n)),
  Buffer.from('no end of line'),
])

/** For peers whose MIME library rewrites line ends of what it takes for text. */
export const TEXT_PAYLOAD = Buffer.from(
  'ISA*00*          *00*          *ZZ*PEER           *ZZ*US             *260102*0304~\r\n'.repeat(
    40,
  ),
)
