// What is agreed with one AS2 partner: how messages to it are built, what is asked of messages from it. Kept as one
// JSON document; certificates and secrets are kept apart from it.
import { type Static, Type } from '@sinclair/typebox'
import { object, words } from '../../../edi-maps/canonical/values.js'

const url = () => Type.String({ pattern: '^https?://[^\\s/]+', maxLength: 2000 })

export const PartnerSettings = object({
  /** Where messages to the partner go. Without it the partner only sends. */
  url: Type.Optional(url()),
  /** Message subject; products show it. */
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  /** AS2-Version sent (default 1.2). 1.3: dispositions of draft-ietf-ediint-rfc4130bis may be used. */
  version: Type.Optional(words(['1.1', '1.2', '1.3'] as const)),
  /** `none`, or how messages to the partner are signed (default SHA-256, RSA PKCS#1 v1.5, detached). */
  sign: Type.Optional(
    Type.Union([
      Type.Literal('none'),
      object({
        digest: Type.Optional(words(['sha1', 'sha256', 'sha384', 'sha512'] as const)),
        scheme: Type.Optional(words(['rsa', 'pss'] as const)),
        form: Type.Optional(words(['detached', 'opaque'] as const)),
      }),
    ]),
  ),
  /** `none`, or how they are encrypted (default AES-256 CBC, RSA PKCS#1 v1.5: what every product opens). */
  encrypt: Type.Optional(
    Type.Union([
      Type.Literal('none'),
      object({
        cipher: Type.Optional(
          words([
            'aes128-cbc',
            'aes192-cbc',
            'aes256-cbc',
            'aes128-gcm',
            'aes192-gcm',
            'aes256-gcm',
            '3des',
          ] as const),
        ),
        transport: Type.Optional(
          words(['rsa', 'oaep-sha1', 'oaep-sha256', 'oaep-sha384', 'oaep-sha512'] as const),
        ),
        recipientId: Type.Optional(words(['issuer-serial', 'key-id'] as const)),
      }),
    ]),
  ),
  compress: Type.Optional(words(['before-signing', 'after-signing'] as const)),
  /** The receipt asked of the partner (default synchronous and signed). */
  receipt: Type.Optional(
    object({
      mode: Type.Optional(words(['sync', 'async', 'none'] as const)),
      signed: Type.Optional(Type.Boolean()),
      /** Minutes an asynchronous receipt may take before the message is sent again (default 120). */
      minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
    }),
  ),
  /** What is asked of messages from the partner. */
  accept: Type.Optional(
    object({
      /** Signature and encryption are required unless these are true. */
      unsigned: Type.Optional(Type.Boolean()),
      unencrypted: Type.Optional(Type.Boolean()),
      sha1: Type.Optional(Type.Boolean()),
      tripleDes: Type.Optional(Type.Boolean()),
      /** Receipts without a signature count (default only signed ones, when a signed one was asked for). */
      unsignedReceipts: Type.Optional(Type.Boolean()),
      /** Most bytes of a message, also uncompressed (default 500 MB). */
      maxBytes: Type.Optional(Type.Integer({ minimum: 1024 })),
      /** Addresses the partner connects from, as CIDR; absent: any. */
      from: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]+(/\\d{1,3})?$' }))),
      /** SHA-256 of the TLS client certificate the partner connects with, in hex; absent: none is needed. */
      tlsCertificate: Type.Optional(Type.String({ pattern: '^([0-9a-fA-F]{2}:?){32}$' })),
      /** User name of HTTP basic authentication asked of the partner; its password is a secret. */
      user: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    }),
  ),
  /** Addresses asynchronous receipts to the partner may go to, besides `url`: equal in scheme, host and port. */
  receiptUrls: Type.Optional(Type.Array(url())),
  /** User name of HTTP basic authentication at the partner; its password is a secret. */
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** Certificate authorities of the partner's HTTPS server (PEM) beside the well-known ones. */
  ca: Type.Optional(Type.String()),
  /** The partner's server may stand in a private network (default: such addresses are refused). */
  privateNetwork: Type.Optional(Type.Boolean()),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 3600 })),
  /** Sends without Content-Length; some old products want it so. */
  chunked: Type.Optional(Type.Boolean()),
})
export type PartnerSettings = Static<typeof PartnerSettings>

/** Secrets of a partner, sealed together. */
export interface PartnerSecrets {
  /** For `user`: the password we send. */
  readonly password?: string
  /** For `accept.user`: scrypt hash of the password the partner sends. */
  readonly acceptPassword?: string
  /** TLS client certificate and key (PEM). */
  readonly tlsCertificate?: string
  readonly tlsKey?: string
}

/** `channel` settings of an agreement: which partner, and what the message is called. */
export const Address = object({
  partner: Type.String({ minLength: 1 }),
  contentType: Type.Optional(Type.String({ pattern: '^[\\w.+-]+/[\\w.+-]+$' })),
  fileName: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
})
export type Address = Static<typeof Address>

/** Address of an asynchronous receipt in the outbox; the URL was found to be the partner's when it was queued. */
export interface ReceiptAddress {
  readonly partner: string
  readonly receiptTo: string
}

export const DEFAULT_MAX_BYTES = 500 * 1024 * 1024
