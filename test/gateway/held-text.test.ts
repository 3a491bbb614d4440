import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from '../../gateway/environment-error.js'
import { HeldText } from '../../gateway/held-text.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edigw-held-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function taken(held: HeldText): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of held.take()) parts.push(part)
  return Buffer.concat(parts).toString()
}

test.each([
  ['in memory', 1000],
  ['in a file', 0],
  ['in both', 11],
])('%s: gives what was added, without what was cut, and is empty then', async (_, most) => {
  const held = new HeldText(folder, most)
  await held.add('first ä\n')
  const kept = held.size
  for (const text of ['second\n', 'third, which is longer\n', 'fourth\n']) await held.add(text)
  await held.cut(kept)
  await held.add('fifth\n')
  expect(readdirSync(folder)).toEqual([])
  expect(await taken(held)).toBe('first ä\nfifth\n')
  expect(held.size).toBe(0)
  await held.add('sixth\n')
  await held.add('seventh\n')
  expect(await taken(held)).toBe('sixth\nseventh\n')
  await held.close()
})

test('a large text comes back whole', async () => {
  const held = new HeldText(folder, 1000)
  const lines = Array.from({ length: 100_000 }, (_one, k) => `line ${k}\n`)
  for (const line of lines) await held.add(line)
  expect(await taken(held)).toBe(lines.join(''))
  await held.close()
})

test('says what to do where there is no room', async () => {
  const held = new HeldText(join(folder, 'is not there'), 0)
  const error = await held.add('text').catch((one: unknown) => one)
  expect(error).toBeInstanceOf(EnvironmentError)
  expect((error as EnvironmentError).remedy).toContain('TMPDIR')
})
