// How findings name an element: by its place, and by what it is where that is known.

/** `PRF01 (purchase order number)`; `name` as the lists of names have it, `component` from 1. */
export function named(
  tag: string,
  element: number,
  component: number | undefined,
  name: string | undefined,
): string {
  const part = component === undefined ? '' : `-${component}`
  const place = `${tag}${String(element).padStart(2, '0')}${part}`
  if (name === undefined) return place
  // Abbreviations keep their capitals.
  const isWord = /^[A-Z](?:[^A-Z]|$)/.test(name)
  return `${place} (${isWord ? name.charAt(0).toLowerCase() + name.slice(1) : name})`
}
