// Entry of the thread the second readers run in.
import { parentPort } from 'node:worker_threads'
import { compare, type CrossCheck, type Question } from './compare.js'

parentPort?.on('message', (question: Question) =>
  parentPort?.postMessage(compare(question) satisfies CrossCheck),
)
