import { expect, test } from '@jest/globals'
import { SeenControls } from '../../edi-maps/seen-controls.js'
import { seeded } from '../seeded.js'

const added = (controls: readonly string[]) => {
  const seen = new SeenControls()
  for (const control of controls) seen.add(control)
  return seen
}

test('knows each number of a run as it was written, and no other', () => {
  const seen = added(['0007', '0008', '0009', '0010', '11'])
  for (const control of ['0007', '0008', '0009', '0010', '11']) expect(seen.has(control)).toBe(true)
  for (const control of ['0006', '0011', '7', '10', '12', '00008', '', 'A8', '-1'])
    expect(seen.has(control)).toBe(false)
})

test('is a set of texts, whatever order they come in', () => {
  const random = seeded(1)
  const texts = ['', 'A1', '0', '00', '99999999999999', '999999999999999999', '1.5', ' 1']
  const controls = Array.from({ length: 2000 }, () => {
    const number = String(Math.floor(random() * 300))
    if (random() < 0.1) return texts[Math.floor(random() * texts.length)]!
    return random() < 0.5 ? number : number.padStart(4, '0')
  })
  const seen = new SeenControls()
  const expected = new Set<string>()
  for (const control of controls) {
    expect([control, seen.has(control)]).toEqual([control, expected.has(control)])
    seen.add(control)
    expected.add(control)
  }
})
