import { expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Environment, readConfig } from '../../gateway/config.js'
import { EnvironmentError } from '../../gateway/environment-error.js'

const refusal = (env: Record<string, string>) => {
  try {
    readConfig(env, '/srv')
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError)
    return (error as Error).message
  }
  throw new Error('it was taken')
}

const fileWith = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'edigw-config-')), 'file')
  writeFileSync(path, text)
  return path
}

test('without any variable it listens on loopback and keeps its data under the current folder', () => {
  expect(readConfig({ PATH: '/bin' }, '/srv')).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    data: '/srv/data',
    agreements: '/srv/data/agreements',
    connections: [{ id: 'receiver', url: 'http://127.0.0.1:8025' }],
  })
})

test('a misspelt variable is an error that names the nearest one', () => {
  expect(refusal({ EDIGW_ODO_URL: 'http://odoo.example' })).toBe(
    'EDIGW_ODO_URL is no setting; did you mean EDIGW_ODOO_URL?',
  )
})

test('a setting that has no prefix is found with one', () => {
  expect(refusal({ EDIGW_PORT: '1' })).toBe('EDIGW_PORT is no setting; did you mean PORT?')
})

test('what is no address is told once, in words', () => {
  expect(refusal({ EDIGW_ODOO_URL: 'odoo' })).toBe(
    'EDIGW_ODOO_URL must be an address that begins with http:// or https:// (it is "odoo")',
  )
})

test('every wrong value is named at once, secrets without their value', () => {
  const message = refusal({
    PORT: '99999',
    EDIGW_LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://user:hush@db',
  })
  expect(message).toContain('PORT must be <= 65535 (it is "99999")')
  expect(message).toContain(
    'EDIGW_LOG_LEVEL must be one of trace, debug, info, warn, error (it is "loud")',
  )
  expect(message).toContain('DATABASE_URL must be an address that begins with postgresql://')
  expect(message).not.toContain('hush')
})

test('a variable set to nothing counts as not set', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' }, '/srv')).toMatchObject({ port: 8080 })
})

test('a secret may come as a file, but not both ways at once', () => {
  const path = fileWith('postgres://user:hush@db/edigw\n')
  expect(readConfig({ DATABASE_URL_FILE: path }, '/srv').databaseUrl).toBe(
    'postgres://user:hush@db/edigw',
  )
  expect(refusal({ DATABASE_URL_FILE: path, DATABASE_URL: 'postgres://other' })).toContain(
    'both set',
  )
})

test('one Odoo connection comes from variables, several from a file', () => {
  expect(
    readConfig({ EDIGW_ODOO_URL: 'https://odoo.example', EDIGW_ODOO_KEY: 'k' }, '/srv').connections,
  ).toEqual([{ id: 'odoo', url: 'https://odoo.example', environment: 'test', key: 'k' }])
  const list = [
    { id: 'one', url: 'https://one.example', environment: 'test' },
    { id: 'two', url: 'https://two.example', environment: 'production', key: 'k' },
  ]
  const path = fileWith(JSON.stringify(list))
  expect(readConfig({ EDIGW_CONNECTIONS: path }, '/srv').connections).toEqual(list)
})

test('a wrong connections file is told by place, never by content', () => {
  const wrong = fileWith('[{"id": "one", "url": "gopher://x", "environment": "test", "key": ""}]')
  const message = refusal({ EDIGW_CONNECTIONS: wrong })
  expect(message).toContain('/0/url')
  expect(message).toContain('/0/key')
  const broken = fileWith('[{"key": "hush"')
  expect(refusal({ EDIGW_CONNECTIONS: broken })).toMatch(/is not JSON$/)
})

test('docs/configuration.md has every variable with its default, and no other', () => {
  const rows = readFileSync('docs/configuration.md', 'utf8')
    .split('\n')
    .map((line) => /^\| `([A-Z0-9_]+)` +\| (.*?) +\|/.exec(line))
    .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : []))
  expect(rows.map(([name]) => name)).toEqual(Object.keys(Environment.properties))
  const documented = new Map(rows)
  for (const [name, schema] of Object.entries(Environment.properties)) {
    const value = (schema as { default?: unknown }).default
    if (value !== undefined) expect([name, documented.get(name)]).toEqual([name, `\`${value}\``])
  }
})
