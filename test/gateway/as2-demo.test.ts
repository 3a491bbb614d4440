// The demo as a user runs it: two gateways, a shipment notice by AS2, its receipt and its 997.
import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { testDatabase } from '../postgres.js'

const databases = {
  sync: { retail: await testDatabase(), maker: await testDatabase() },
  async: { retail: await testDatabase(), maker: await testDatabase() },
}

test.each(['sync', 'async'] as const)(
  'two gateways exchange an 856 and its 997 with %s receipts',
  async (mode) => {
    const { retail, maker } = databases[mode]
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['docs/examples/as2/demo.mjs', ...(mode === 'async' ? ['--async'] : [])],
      {
        env: {
          ...process.env,
          DEMO_DATABASE_RETAIL: retail.url,
          DEMO_DATABASE_MAKER: maker.url,
        },
      },
    )
    expect(stdout).toContain('Example Retail has shipment notice SHP-2025-0001, handed_over.')
    expect(stdout).toMatch(/ transferred\n.* accepted\n/)
    const [received] = await retail.db.query(
      `select state, protection from as2_received where message_id in
         (select message_id from as2_received order by received_at limit 1)`,
    )
    expect(received).toMatchObject({
      state: 'accepted',
      protection: { compressed: true, cipher: 'aes256-gcm', digest: 'sha256' },
    })
    // Each side has the other's verified receipt: for the 856 and for the 997.
    for (const { db } of [retail, maker]) {
      const open = await db.query(
        `select from as2_sent where state <> 'transferred' or mdn is null`,
      )
      expect(open).toEqual([])
    }
  },
  240_000,
)
