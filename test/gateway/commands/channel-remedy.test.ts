import { expect, test } from '@jest/globals'
import { alertRemedy } from '../../../gateway/alert-remedy.js'
import { as2Reason, sftpReason } from '../../../gateway/commands/channel-remedy.js'

test.each([
  ['getaddrinfo ENOTFOUND as2.supplier.example', 'does not know the host'],
  ['as2.supplier.example answered 404', 'edigw as2 partner set supplier --url'],
  ['processed/error: decryption-failed', 'edigw as2 cert import supplier FILE'],
  ['processed/error: authentication-failed', 'edigw as2 cert export'],
])('AS2: %s', (reason, remedy) => {
  expect(as2Reason(reason, 'supplier')).toContain(`${reason}; `)
  expect(as2Reason(reason, 'supplier')).toContain(remedy)
})

test.each([
  ['host shows the host key SHA256:x, which is not pinned', 'edigw sftp connection add supplier'],
  ['host refuses our login', 'let in our key'],
])('SFTP: %s', (reason, remedy) => {
  expect(sftpReason(reason, 'supplier')).toContain(remedy)
})

test('a reason nobody knows a remedy for stays as it is', () => {
  expect(as2Reason('odd', 'supplier')).toBe('odd')
})

test('a file sent by hand that did not get through has a remedy, without a page', () => {
  expect(alertRemedy({ id: 7, kind: 'transfer-failed', subject: 'outbox 1' })).toBe(
    'put the way to the partner right (edigw as2 test | sftp connection test); then POST /v1/alerts/7/close {"reason": "why"}',
  )
})
