// The check every agreement goes through, as far as it is about maps: overrides.
import { expect, test } from '@jest/globals'
import { standardCheck } from '../../gateway/agreement-check.js'
import { edi } from '../../gateway/edi.js'

const agreed = (override: unknown) => ({
  id: 'example-retail',
  name: 'Example Retail',
  ourRole: 'supplier',
  theirRole: 'customer',
  environment: 'production',
  standard: 'x12',
  us: { interchange: { qualifier: 'ZZ', id: 'EXSUPPLIER' } },
  partner: { interchange: { qualifier: 'ZZ', id: 'EXRETAIL' } },
  documents: [{ direction: 'out', message: '856', version: '004010', override }],
})

test('an agreement whose override fits its map holds', () => {
  const body = agreed({ BSN05: { constant: '0001' } })
  expect(standardCheck()(body)).toEqual({ agreement: body })
})

test('what does not hold in an override is told with its place', () => {
  const check = standardCheck()
  expect(
    check(agreed({ BSN5: { use: 'required' }, 'HL-S/FOB': { from: 'documentNumber' } })),
  ).toEqual({
    problems: [
      { path: '/documents/0/override/BSN5', text: 'there is no node BSN5; nearest: BSN' },
      {
        path: '/documents/0/override/HL-S~1FOB/from',
        text: 'is for an element; HL-S/FOB is a segment. Name one, as HL-S/FOB01',
      },
    ],
  })
  expect(check(agreed({ BSN05: { konstant: 'x' } }))).toMatchObject({
    problems: [{ path: '/documents/0/override/BSN05', text: expect.stringContaining('konstant') }],
  })
})

test('a document may be read and written with the map of another release', () => {
  const check = (more: object) =>
    standardCheck()({
      ...agreed({}),
      documents: [{ direction: 'out', message: '856', version: '004030', ...more }],
    })
  expect(check({ map: '004010' })).toHaveProperty('agreement')
  expect(check({ map: '4010' })).toEqual({
    problems: [
      { path: '/documents/0/map', text: 'is no map of x12 856; there are: 004010, 005010' },
    ],
  })
  expect(check({})).toEqual({
    problems: [
      {
        path: '/documents/0',
        text: 'there is no map for x12 856 004030; "map" chooses another one: 004010, 005010',
      },
    ],
  })
})

test('a time zone there is not is told with the nearest one', () => {
  expect(standardCheck()({ ...agreed({}), timezone: 'America/NewYork' })).toEqual({
    problems: [{ path: '/timezone', text: 'is no time zone; nearest: America/New_York' }],
  })
})

test('delimiters that would never be written are refused', () => {
  const check = (more: object) => standardCheck()({ ...agreed({}), documents: [], ...more })
  expect(check({ delimiters: { release: '?', decimal: ',' } })).toEqual({
    problems: [
      { path: '/delimiters/decimal', text: 'numbers are written with a point' },
      { path: '/delimiters/release', text: 'X12 has no release character' },
    ],
  })
  const edifact = { standard: 'edifact', delimiters: { release: '?', decimal: '.' } }
  expect(check(edifact)).toHaveProperty('agreement')
})

test('another override is another map', () => {
  const hash = (override: Record<string, { constant: string }>) =>
    edi.mapHash(
      { standard: 'x12' },
      { direction: 'out', message: '856', version: '004010', override },
    )
  expect(hash({ BSN05: { constant: '0001' } })).toBe(hash({ BSN05: { constant: '0001' } }))
  expect(hash({ BSN05: { constant: '0001' } })).not.toBe(hash({ BSN05: { constant: '0004' } }))
})
