// After tsc: copies what tsc does not emit (SQL migrations, static files) beside the compiled code and makes the
// command executable.
import { chmodSync, cpSync, existsSync } from 'node:fs'

const copied = ['gateway/store/migrations', 'gateway/ui']
for (const path of copied) {
  if (existsSync(path))
    cpSync(path, `dist/${path}`, { recursive: true, filter: (p) => !p.endsWith('.ts') })
}
chmodSync('dist/gateway/cli.js', 0o755)
