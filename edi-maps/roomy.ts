// Nodes with room for what is still to be read into them. What is added to an object that a literal has made is stored apart
// from it, and moved whenever there is more: a fifth of the memory that reading takes went into that (measured on a
// shipment notice). Of a function's objects the engine learns from the first few how many keys they come to.
import { fromText } from './own-code.js'

/** Makes the same objects as `create`, with room for the keys the first ones were given later. They are plain objects. */
export function roomy<T extends object>(create: () => T): () => T {
  const keys = Object.keys(create())
  const Room = fromText<(new (from: T) => T) & { prototype: object }>(
    `function (from) { ${keys.map((key) => `this[${JSON.stringify(key)}] = from[${JSON.stringify(key)}]`).join('\n')} }`,
  )
  Room.prototype = Object.prototype
  return fromText<(room: typeof Room, create: () => T) => () => T>(
    '(Room, create) => () => new Room(create())',
  )(Room, create)
}
