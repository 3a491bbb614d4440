// Nodes with room for what is still to be read into them. What is added to an object that a literal has made is stored apart
// from it, and moved whenever there is more: a twentieth of the time that reading takes went into that (measured on a
// shipment notice). Of a function's objects the engine learns from the first few how many keys they come to.
import { fromText } from './own-code.js'

/**
 * Makes the objects `create` makes, with room for the keys the first ones were given later. They are plain objects;
 * `create` makes the same each time, of texts, lists and objects.
 */
export function roomy<T extends object>(create: () => T): () => T {
  const keys = Object.entries(create()).map(
    ([key, value]) => `this[${JSON.stringify(key)}] = ${JSON.stringify(value)}`,
  )
  const Room = fromText<new () => T>(`function () { ${keys.join('\n')} }`)
  Room.prototype = Object.prototype
  return fromText<(room: typeof Room) => () => T>('(Room) => () => new Room()')(Room)
}
