// Every standard there is.
import { edifact } from './edifact/index.js'
import type { Syntax } from './standard.js'
import { x12 } from './x12/index.js'

const SYNTAXES: Readonly<Record<Syntax['standard'], Syntax>> = { x12, edifact }

export const syntaxOf = (standard: Syntax['standard']): Syntax => SYNTAXES[standard]
