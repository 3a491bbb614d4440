import { describe, expect, test } from '@jest/globals'
import {
  Refusal,
  diskName,
  joinPath,
  nameOnDisk,
  resolvePath,
  splitPath,
} from '../../../../gateway/channels/sftp/paths.js'

describe('paths in a virtual root', () => {
  test.each([
    ['', '/'],
    ['.', '/'],
    ['/', '/'],
    ['in', '/in'],
    ['/in/../out/./x.edi', '/out/x.edi'],
    ['../../../etc/passwd', '/etc/passwd'],
    ['/in//a.edi/', '/in/a.edi'],
    ['/in/..', '/'],
    ['/in/...', '/in/...'],
  ])('%s is %s', (given, meant) => {
    expect(resolvePath(given)).toBe(meant)
  })

  test.each([
    'a\u0000.edi',
    'a\nb',
    '\u001b[2J',
    'C:\\windows',
    'a\u202exde.edi',
    Buffer.from([0x61, 0xff]).toString('utf8'),
    'x'.repeat(1025),
  ])('hostile name %j is refused', (name) => {
    expect(() => resolvePath(`/in/${name}`)).toThrow(Refusal)
  })

  test('folder and name come apart and together', () => {
    for (const path of ['/a', '/in/a.edi', '/in/856/a.edi']) {
      const { folder, name } = splitPath(path)
      expect(joinPath(folder, name)).toBe(path)
    }
    expect(splitPath('/')).toEqual({ folder: '/', name: '' })
  })

  test('a name on disk is harmless and leads back to the name', () => {
    const names = ['a.edi', 'A.EDI', '..', 'con', 'ü 1%^.x12', '$(reboot)', 'a:b', '.hidden']
    const disk = names.map(diskName)
    expect(disk.map(nameOnDisk)).toEqual(names)
    for (const name of disk) expect(name).toMatch(/^f-[a-z0-9_.^%-]+$/)
    expect(new Set(disk.map((name) => name.toLowerCase())).size).toBe(names.length)
  })

  test('what is not ours in the folder is left alone', () => {
    for (const name of ['f-', 'lost+found', 'f-A', 'f-%zz', '.f-a'])
      expect(nameOnDisk(name)).toBeUndefined()
  })

  test('a name too long for any file system is refused', () => {
    expect(() => diskName('ü'.repeat(41))).toThrow('too long')
  })
})
