// The partner's receipt for bytes that went out by AS2, as it came: what proves the transfer.
import { parseReceiptBytes } from '../../channels/as2/mdn/build.js'
import { sentReceipt } from '../../store/as2-messages.js'
import type { Db } from '../../store/db.js'
import { Problem } from '../problem.js'
import type { Reply } from '../route.js'

export const RECEIPT_ANSWERS = {
  200: { text: 'The receipt (MDN), of the media type the partner gave it.', contentType: '*/*' },
  404: { text: 'There is none (yet).' },
}

/** The newest receipt for any of these bytes of the outbox. Throws a 404 Problem. */
export async function replyReceipt(
  db: Db,
  outboxIds: readonly string[],
  of: string,
): Promise<Reply> {
  const stored = await sentReceipt(db, outboxIds)
  if (stored === undefined)
    throw new Problem(404, 'not_found', `there is no receipt of a partner for ${of} (yet)`)
  const { body, fields } = await parseReceiptBytes(stored)
  return {
    status: 200,
    stream: {
      contentType: fields.get('content-type') ?? 'application/octet-stream',
      bytes: once(body),
      size: body.length,
      fileName: 'receipt.mdn',
    },
  }
}

async function* once(bytes: Buffer) {
  yield bytes
}
