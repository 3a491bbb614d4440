// Entries of functional acknowledgements as the maps of 997, 999 and CONTRL read and write them.
import type { Acknowledged } from './canonical/functional-ack.js'
import type { CodeList } from './code-list.js'
import type { GroupCodec } from './elements.js'

/** An entry before anything was read of it. */
export const newEntry = (level: Acknowledged['level']) => (): Acknowledged => ({
  level,
  status: 'received',
  errors: [],
})

/** AK501, AK901 and UCI 0083 ⇄ status, with the code where others mean the same status. */
export const answer = (list: CodeList): GroupCodec<Partial<Acknowledged>> => ({
  width: 1,
  decode([value = '']) {
    const status = list.word(value) as Acknowledged['status'] | undefined
    if (status === undefined) return undefined
    return list.code(status) === value ? { status } : { status, statusCode: value }
  },
  encode({ status = '', statusCode }) {
    const isSame = statusCode !== undefined && list.word(statusCode) === status
    const written = isSame ? statusCode : list.code(status)
    return written === undefined ? undefined : [written]
  },
})
