// A process that holds the embedded server of the folder in argv[2] until it is ended; prints its URL and process id.
import { startEmbedded } from '../../../gateway/store/embedded.js'

const server = await startEmbedded({
  folder: process.argv[2] ?? '',
  say: (line) => process.stderr.write(`${line}\n`),
})
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`)
process.once('SIGTERM', () => {
  void server.stop().then(() => process.exit(0))
})
setInterval(() => undefined, 60_000)
