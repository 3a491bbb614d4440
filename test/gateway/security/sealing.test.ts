import { expect, test } from '@jest/globals'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from '../../../gateway/environment-error.js'
import { masterKeyOf, sealer } from '../../../gateway/security/sealing.js'

const secret = Buffer.from('a secret')

test('a sealed secret opens with its key at its place and nowhere else', () => {
  const seal = sealer(Buffer.alloc(32, 1))
  const sealed = seal.seal(secret, 'machine_key a')
  expect(sealed.includes(secret)).toBe(false)
  expect(seal.open(sealed, 'machine_key a')).toEqual(secret)
  expect(() => seal.open(sealed, 'machine_key b')).toThrow()
  const altered = Buffer.from(sealed)
  altered[altered.length - 1]! ^= 1
  expect(() => seal.open(altered, 'machine_key a')).toThrow()
  expect(() => sealer(Buffer.alloc(32, 2)).open(sealed, 'machine_key a')).toThrow(EnvironmentError)
})

test('the master key file is made once, for its owner alone, and a broken one is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-key-'))
  const keys = await Promise.all([masterKeyOf(folder), masterKeyOf(folder), masterKeyOf(folder)])
  expect(keys[0]).toHaveLength(32)
  expect(keys[1]).toEqual(keys[0])
  expect(keys[2]).toEqual(keys[0])
  expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600)
  writeFileSync(join(folder, 'master.key'), 'short')
  await expect(masterKeyOf(folder)).rejects.toThrow(EnvironmentError)
})
