// `edigw schema`: the JSON Schemas of the canonical model.
import { parseArgs } from 'node:util'
import { SCHEMAS, schemaText } from '../../edi-maps/canonical/schema.js'
import { UsageError, type Command } from '../command.js'

const names = Object.keys(SCHEMAS)

export const schema: Command = {
  usage: `edigw schema [NAME]

  Prints a JSON Schema; without NAME the names there are: message, agreement and every kind of document.`,
  run: (args, io) => {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} })
    const [name, ...more] = positionals
    if (more.length > 0) throw new UsageError('one name at a time')
    if (name === undefined) {
      io.stdout.write(names.map((known) => `${known}\n`).join(''))
      return Promise.resolve(0)
    }
    const text = schemaText(name)
    if (text === undefined) {
      throw new UsageError(`there is no schema ${name}; there are ${names.join(', ')}`)
    }
    io.stdout.write(text)
    return Promise.resolve(0)
  },
}
