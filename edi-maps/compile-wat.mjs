// `npm run wasm`: compiles simd-scan.wat into simd-scan-wasm.ts, which is checked in, so that a build needs no compiler
// for it. A test holds the two equal.
import { readFile, writeFile } from 'node:fs/promises'
import openWabt from 'wabt'

const wabt = await openWabt()
const source = await readFile(new URL('simd-scan.wat', import.meta.url), 'utf8')
const { buffer } = wabt.parseWat('simd-scan.wat', source).toBinary({})
await writeFile(
  new URL('simd-scan-wasm.ts', import.meta.url),
  `// Generated from simd-scan.wat by \`npm run wasm\`.
export const SIMD_SCAN_WASM =
  '${Buffer.from(buffer).toString('base64')}'
`,
)
