// Where two JSON values differ: one entry for each place, for a person to look at before a decision.

export interface Difference {
  /** JSON pointer. */
  path: string
  /** Absent: it was not there. */
  before?: unknown
  /** Absent: it is there no more. */
  after?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** Differences in the order of `before`, then what only `after` has. Lists are compared place by place. */
export function jsonDifference(before: unknown, after: unknown, path = ''): Difference[] {
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
    if (Object.is(before, after)) return []
    return [
      {
        path,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      },
    ]
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    jsonDifference(before[key], after[key], `${path}/${escaped(key)}`),
  )
}
