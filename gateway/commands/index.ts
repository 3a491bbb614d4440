// The subcommands of `edigw`, in the order the overview lists them. Each is loaded only when it is called.
import type { Command } from '../command.js'

interface Entry {
  name: string
  summary: string
  load: () => Promise<Command>
}

export const COMMANDS: readonly Entry[] = [
  {
    name: 'serve',
    summary: 'the gateway itself',
    load: async () => (await import('./serve.js')).serve,
  },
  {
    name: 'doctor',
    summary: 'looks at everything the gateway needs and says what to do',
    load: async () => (await import('./doctor.js')).doctor,
  },
  {
    name: 'translate',
    summary: 'EDI to Documents, and Documents to EDI',
    load: async () => (await import('./translate.js')).translate,
  },
  {
    name: 'explain',
    summary: 'what an input says, segment by segment, in words',
    load: async () => (await import('./explain.js')).explain,
  },
  {
    name: 'render',
    summary: 'documents as a person reads them: packing list, invoice, status, acknowledgement',
    load: async () => (await import('./render.js')).render,
  },
  {
    name: 'schema',
    summary: 'the JSON Schemas of Documents, Messages and agreements',
    load: async () => (await import('./schema.js')).schema,
  },
  {
    name: 'agreement',
    summary: 'check, add, list, show, compare and activate trading-partner agreements',
    load: async () => (await import('./agreement.js')).agreement,
  },
  {
    name: 'client',
    summary: 'machine clients and their keys',
    load: async () => (await import('./client.js')).client,
  },
  {
    name: 'as2',
    summary: 'AS2: keys, partners, certificates; try a partner, send a file',
    load: async () => (await import('./as2.js')).as2,
  },
  {
    name: 'sftp',
    summary: 'SFTP: accounts of partners with us, connections to servers of theirs',
    load: async () => (await import('./sftp.js')).sftp,
  },
  {
    name: 'partner',
    summary: 'whose payloads are kept; erase those of one partner',
    load: async () => (await import('./partner.js')).partner,
  },
  {
    name: 'audit',
    summary: 'whether the record of who did what is as it was written',
    load: async () => (await import('./audit.js')).audit,
  },
  {
    name: 'receiver',
    summary: 'an example target: takes messages as Odoo would, and interchanges as a partner would',
    load: async () => (await import('./receiver.js')).receiver,
  },
  {
    name: 'segments',
    summary: 'an input as segments, one JSON object a line',
    load: async () => (await import('./segments.js')).segments,
  },
  {
    name: 'rewrite',
    summary: 'segments or EDI back to bytes',
    load: async () => (await import('./rewrite.js')).rewrite,
  },
  {
    name: 'validate',
    summary: 'what is wrong with an input, and where',
    load: async () => (await import('./validate.js')).validate,
  },
  {
    name: 'ack',
    summary: 'the acknowledgement an input gets',
    load: async () => (await import('./ack.js')).ack,
  },
]
