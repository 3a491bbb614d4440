// Where a value came from when that is not its usual place: `extras.<standard>.at`, a list of map ids.
import { extrasOf, makeExtras } from './path.js'

/** Whether a value of the node came at the place `id`. */
export function cameAt(node: object, standard: string, id: string): boolean {
  const at = extrasOf(node as Record<string, unknown>, standard)?.['at']
  return Array.isArray(at) && at.includes(id)
}

/** Remembers that a value of the node came at the place `id`. */
export function noteAt(node: object, standard: string, id: string): void {
  if (cameAt(node, standard, id)) return
  const extras = makeExtras(node as Record<string, unknown>, standard)
  extras['at'] = [...((extras['at'] as string[] | undefined) ?? []), id]
}

/** Takes such a note back. */
export function forgetPlace(node: object, standard: string, id: string): void {
  if (!cameAt(node, standard, id)) return
  const extras = makeExtras(node as Record<string, unknown>, standard)
  const at = (extras['at'] as string[]).filter((one) => one !== id)
  if (at.length > 0) extras['at'] = at
  else delete extras['at']
  dropEmptyExtras(node, standard)
}

/** Takes the extras of a standard away where they say nothing. */
export function dropEmptyExtras(node: object, standard: string): void {
  const { extras } = node as { extras?: Record<string, Record<string, unknown>> }
  if (extras === undefined) return
  if (Object.keys(extras[standard] ?? {}).length === 0) delete extras[standard]
  if (Object.keys(extras).length === 0) delete (node as { extras?: unknown }).extras
}
