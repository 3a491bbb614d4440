import { describe, expect, test } from '@jest/globals'
import { hashPassword, verifyPassword } from '../../../gateway/security/password.js'

describe('passwords', () => {
  test('the right one is accepted, another one and no hash are not', async () => {
    const hash = await hashPassword('correct horse é')
    expect(hash).toMatch(/^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
    expect(await verifyPassword('correct horse é', hash)).toBe(true)
    expect(await verifyPassword('correct horse e\u0301', hash)).toBe(true)
    expect(await verifyPassword('Correct horse é', hash)).toBe(false)
    expect(await verifyPassword('', undefined)).toBe(false)
  })

  test('two hashes of one password differ', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'))
  })

  test('a hash of another form is an error, not a refusal', async () => {
    await expect(verifyPassword('x', '$2b$10$abc')).rejects.toThrow('not one of ours')
  })
})
