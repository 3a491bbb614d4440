// What a check of `edigw doctor` says.

export interface Diagnosis {
  /** What was looked at, e.g. `database`, `Odoo odoo`. */
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  /** One line: what was found. */
  readonly text: string
  /** What a person does about it. */
  readonly remedy?: string
}

export const ok = (name: string, text: string): Diagnosis => ({ name, state: 'ok', text })
export const warning = (name: string, text: string, remedy: string): Diagnosis => ({
  ...{ name, text, remedy },
  state: 'warning',
})
export const failed = (name: string, text: string, remedy: string): Diagnosis => ({
  ...{ name, text, remedy },
  state: 'failed',
})
