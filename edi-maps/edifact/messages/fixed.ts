// Elements that are always the same text unless another came.
import type { GroupCodec } from '../../elements.js'
import { on, type FieldOf } from '../../map.js'
import type { Position } from '../../segment.js'

/** Written as `value` where the node `applies`, or as it came. */
export const fixed = <T>(
  position: Position,
  value: string,
  applies: (node: T) => boolean = () => true,
): FieldOf<T> =>
  on<T>().through<string>(
    [position],
    value,
    { get: (node) => (applies(node) ? value : undefined), set: () => {} },
    always(value),
  )

/** Any text means the same: what came is kept beside it. */
const always = (value: string): GroupCodec<string> => ({
  width: 1,
  decode: () => value,
  encode: () => [value],
})
