// jest global tear-down: ends the server of postgres-server.ts.
export { tearDown as default } from './postgres-server.js'
