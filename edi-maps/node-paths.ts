/** Canonical path of every object and list of a document, e.g. `body.lines[2]`; of one that stands there twice the first. */
export function nodePaths(document: unknown): ReadonlyMap<unknown, string> {
  const paths = new Map<unknown, string>()
  const note = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || paths.has(value)) return
    paths.set(value, path)
    const isList = Array.isArray(value)
    for (const [key, inner] of Object.entries(value)) {
      note(inner, isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`)
    }
  }
  note(document, '')
  return paths
}
