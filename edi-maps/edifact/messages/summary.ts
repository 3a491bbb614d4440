// Where the lines of a message end (UNS) and how many they are (CNT).
import { on, type BindingOf } from '../../map.js'

interface WithLines {
  body: { lines: unknown[] }
}
const document = on<WithLines>()

/** UNS+S: the summary begins. */
export const summaryBegins: BindingOf<WithLines> = document.self({ when: { 1: 'S' }, always: true })

/** CNT 2: number of lines. */
export const lineCount: BindingOf<WithLines> = document.self(
  { when: { '1-1': '2' } },
  {
    computed: '1-2',
    value: ({ document }) => String((document as unknown as WithLines).body.lines.length),
    usual: true,
    verified: true,
  },
)
